"""TaskRouter: workspaces with workers, queues, workflows and tasks, and the reservations that join a task to a worker.

Which worker gets which task is decided by ``cordboard.routing``; this product keeps the rows, speaks the vendor's names and carries out
what was decided. It does not know Conversations.
"""
