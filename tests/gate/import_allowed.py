from __future__ import annotations
import asyncio.tasks, collections.abc as abc, urllib.parse, html.parser, html.entities
import json.decoder, zoneinfo, concurrent.futures
from concurrent import futures
from urllib import parse
from collections import *
# ---
# ok
