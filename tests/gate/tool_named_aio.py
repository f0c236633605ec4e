time_.aio()
time_.aio.aio()
time_.get_current_time(timezone='UTC')
# ---
# ok
