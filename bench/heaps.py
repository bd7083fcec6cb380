"""The least that assigning costs: heaps, and nothing else that a router must know.

No facts, versions, capacity, channels or expressions; who suits whom is told beforehand, and each worker takes one task.
A class of tasks has a heap of those that wait, and one of the workers who are free and suit it; who is gone is dropped
when he comes to the head. ``router.py`` divides by it.
"""

from heapq import heappop, heappush


class Heaps:
    def __init__(self, classes):
        self.tasks = [[] for _ in range(classes)]
        self.workers = [[] for _ in range(classes)]
        self.free = set()

    def wait(self, number, place):
        """A task of a class comes, and nobody is free for it."""
        heappush(self.tasks[number], place)

    def stand(self, idle, worker, suits):
        """A worker becomes free, and no task waits for him."""
        self.free.add(worker)
        for number in suits:
            heappush(self.workers[number], (idle, worker))

    def release(self, suits):
        """A worker becomes free: the first of the tasks that he suits."""
        heads = [(self.tasks[number][0], number) for number in suits if self.tasks[number]]
        return heappop(self.tasks[min(heads)[1]]) if heads else None

    def arrive(self, number):
        """A task comes: the longest idle of the workers who suit it."""
        heap = self.workers[number]
        while heap:
            _, worker = heappop(heap)
            if worker in self.free:
                self.free.remove(worker)
                return worker
        return None
