import os, sys, subprocess
import threading
import pandas as pd
from importlib import import_module
import socket
import yaml
import ctypes
import pathlib
# ---
# POLICY_VIOLATION import line 1
#   module `os` cannot be imported
#   line 1: module `subprocess` cannot be imported
#   line 3: module `pandas` cannot be imported
#   line 4: module `importlib` cannot be imported
#   line 5: module `socket` cannot be imported
#   line 6: module `yaml` cannot be imported
#   and 2 more
# hint: there are no local files: use `filesystem.read_text_file(path: str, head: int | None = None) -> str`
