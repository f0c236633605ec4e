"""The event loop of a worker: what it waits for are timers, other threads and replies to tool calls.

- Its selector is the link to `mcm`; several loops, in several threads, share it.
- `run` inside a running loop works: the outer loop stands still meanwhile.
"""
import _thread

import _mcm

from . import base_events, events, runners, tasks

__all__ = ("SelectorEventLoop", "EventLoop", "run")


class _Selector:
    """What `BaseEventLoop._run_once` asks for."""

    def __init__(self):
        self.group = _mcm.group()
        self.waiting = {}

    def select(self, timeout):
        if timeout is None and not self.waiting and _thread._count() == 0:
            raise RuntimeError("deadlock: every task waits for another one")
        try:
            return _mcm.poll(self.group, None if timeout is None else float(timeout))
        except TimeoutError as error:
            # no frame of the script is on the stack
            error._line = _waiting_line()
            raise

    def close(self):
        self.waiting.clear()
        _mcm.close(self.group)


def _waiting_line():
    """The line of the script in which its first task waits."""
    line = None
    for task in tasks.all_tasks(events.get_running_loop()):
        step = task.get_coro()
        while getattr(step, "cr_frame", None) is not None:
            if step.cr_code.co_filename.startswith("<script "):
                line = step.cr_frame.f_lineno
            step = step.cr_await
        if task.get_name() == "Task-1" and line is not None:
            break
    return line


class WorkerEventLoop(base_events.BaseEventLoop):
    """The only kind of loop that there is here."""

    def __init__(self):
        super().__init__()
        self._selector = _Selector()

    def call_tool(self, server, tool, arguments, line):
        """A future of `(status, value)`; cancelling it cancels the call."""
        future = self.create_future()
        number = _mcm.start(self._selector.group, server, tool, arguments, line)
        self._selector.waiting[number] = future

        def ended(future):
            if future.cancelled():
                self._selector.waiting.pop(number, None)
                _mcm.cancel(number)

        future.add_done_callback(ended)
        return future

    def _process_events(self, replies):
        for number, status, value in replies:
            future = self._selector.waiting.pop(number, None)
            if future is not None and not future.done():
                future.set_result((status, value))

    def _write_to_self(self):
        _mcm.wake(self._selector.group)

    def run_until_complete(self, future):
        if events._get_running_loop() is None or not hasattr(future, "send"):
            return super().run_until_complete(future)
        return run(future)

    def close(self):
        if not self.is_closed():
            super().close()
            self._selector.close()


SelectorEventLoop = EventLoop = WorkerEventLoop


class DefaultEventLoopPolicy(events._BaseDefaultEventLoopPolicy):
    _loop_factory = WorkerEventLoop

    def get_event_loop(self):
        if self._local._loop is None or self._local._loop.is_closed():
            self.set_event_loop(self.new_event_loop())
        return self._local._loop


_DefaultEventLoopPolicy = DefaultEventLoopPolicy

_run = runners.run


def run(main, *, debug=None, loop_factory=None):
    outer = events._get_running_loop()
    if outer is None:
        return _run(main, debug=debug, loop_factory=loop_factory)
    task = tasks.current_task(outer)
    if task is not None:
        tasks._leave_task(outer, task)
    events._set_running_loop(None)
    try:
        return _run(main, debug=debug, loop_factory=loop_factory)
    finally:
        events._set_running_loop(outer)
        if task is not None:
            tasks._enter_task(outer, task)


run.__doc__ = _run.__doc__
runners.run = run
