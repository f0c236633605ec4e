

def _without_changing_code(coroutine):
    def wrapper(func):
        """Convert regular generator function to a coroutine."""
        from _mcm_values import like

        if func.__class__ is FunctionType and func.__code__.co_flags & 0x1A0 == 0x20:
            generator = func
            func = like(generator)(lambda *args, **kwargs: generator(*args, **kwargs))
        return coroutine(func)

    return wrapper


coroutine = _without_changing_code(coroutine)
