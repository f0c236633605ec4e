"""The threads of a script, of which none may be left when it has ended: the process is forked then."""
import sys

_JOIN_SECONDS = 5
_started = []


def counted(start):
    """`start`, but it keeps the handles of the threads that it starts."""

    def start_joinable_thread(function, handle, daemon):
        for ended in [other for other in _started if other.is_done()]:
            ended.join()
            _started.remove(ended)
        _started.append(handle)
        return start(function, handle=handle, daemon=daemon)

    return start_joinable_thread


def quiet(hook):
    """`hook`, but not for a thread that answered."""

    def excepthook(args):
        if not issubclass(args.exc_type, SystemExit):
            hook(args)

    return excepthook


def settle():
    """After a script that succeeded: waits for its threads."""
    if not _started:
        return
    import threading

    _end_executors()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(_JOIN_SECONDS if thread.daemon else None)
            if thread.is_alive():
                raise RuntimeError(f"thread {thread.name!r} was still running when the script had ended")
    # a thread that Python counts as ended may still be on its way out of the system
    while _started:
        _started.pop().join()


def _end_executors():
    module = sys.modules.get("concurrent.futures.thread")
    if module is None:
        return
    # a thread of an executor is started with a weak reference to it
    starts = [getattr(thread, "_args", None) for thread in [*module._threads_queues]]
    found = [start[0]() for start in starts if start]
    ended = {executor for executor in found if executor is not None and not executor._shutdown}
    for executor in ended:
        _cancel(executor._work_queue)
    module._shutdown = True
    try:
        for thread, queue in [*module._threads_queues.items()]:
            queue.put(None)
            thread.join()
    finally:
        module._shutdown = False
    module._threads_queues.clear()
    for executor in ended:
        executor._shutdown = False
        executor._threads.clear()
        executor._idle_semaphore = module.threading.Semaphore(0)
        _cancel(executor._work_queue)


def _cancel(queue):
    while not queue.empty():
        item = queue.get_nowait()
        if item is not None:
            item.future.cancel()
