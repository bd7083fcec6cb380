-- Who asks for a worker's pending reservations, or looks whether it has open ones, need not go through all that it ever had.
CREATE INDEX reservations_of_worker_by_status ON reservations (worker_sid, reservation_status, created_at, sid);
