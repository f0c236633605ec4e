

from _mcm_refused import open
