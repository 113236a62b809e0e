"""gunicorn behind a proxy; WEB_CONCURRENCY and FORWARDED_ALLOW_IPS are read by gunicorn itself."""

worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
# Longer than the proxy keeps its connections, so that none is closed under a request.
keepalive = 75
# A worker that has answered this many requests is replaced, which bounds what leaks.
max_requests = 10_000
max_requests_jitter = 1_000
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
