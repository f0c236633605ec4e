

# a script's threads are counted, and one that answers ends without a word
import _mcm_threads

excepthook = _mcm_threads.quiet(excepthook)
_start_joinable_thread = _mcm_threads.counted(_start_joinable_thread)
