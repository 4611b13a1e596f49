"""The server: our own Starlette application with Solara mounted, every asset from the package, loopback by default."""

import logging
import mimetypes
import os
import secrets
import signal
import warnings
from pathlib import Path
from typing import Any

from transition_sim.viz.settings import MOST_VISITORS, Settings, use

ASSETS = Path(__file__).parent / "assets"
# what Solara's page asks its content network for -> folder of ours
SERVED = {
    "@widgetti/solara-vuetify-app@10.1.1/dist": "solara-vuetify-app",
    "requirejs@2.3.6": "requirejs",
}
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss: blob: data:;"
    " worker-src 'self' blob:; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def set_environment(root_path: str = "") -> None:
    """Set what Solara reads from the environment; before it is imported.

    Where Solara cannot make a folder for what it would fetch, or runs inside an editor, it names public addresses in
    its pages. It is given a folder that exists.
    """
    values = {
        "SOLARA_ASSETS_PROXY": "True",
        "SOLARA_ASSETS_PROXY_CACHE_DIR": str(ASSETS),
        "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",
        "SOLARA_APP": "transition_sim.viz.app:Page",
        "SOLARA_MODE": "production",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_THEME_TITLE": "transition-sim",
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
        "SOLARA_KERNEL_CULL_TIMEOUT": "30m",
        "SOLARA_KERNEL_MAX_COUNT": str(MOST_VISITORS),
        "SOLARA_SESSION_HTTP_ONLY": "True",
        "SOLARA_SESSION_SECRET_KEY": secrets.token_urlsafe(32),
    }
    if root_path:
        values["SOLARA_ROOT_PATH"] = root_path
    for key, value in values.items():
        os.environ.setdefault(key, value)


def asset_path(path: str) -> Path | None:
    """Return the file of the package that an address of Solara's content network stands for; nothing is fetched."""
    for prefix, folder in SERVED.items():
        name = path.removeprefix(f"{prefix}/")
        if name != path and "/" not in name and (ASSETS / folder / name).is_file():
            return ASSETS / folder / name
    return None


def make_app(settings: Settings, root_path: str = "") -> Any:
    """Return the application."""
    set_environment(root_path)
    use(settings)
    import solara.server.starlette as solara_server
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.requests import Request
    from starlette.responses import FileResponse, PlainTextResponse, Response
    from starlette.routing import Mount, Route

    def healthy(_: Request) -> Response:
        return PlainTextResponse("ok")

    def file(path: Path | None) -> Response:
        if path is None:
            return PlainTextResponse("not found", status_code=404)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers={"cache-control": "public, max-age=86400"})

    def asset(request: Request) -> Response:
        return file(asset_path(request.path_params["path"]))

    def charts(_: Request) -> Response:
        return file(ASSETS / "echarts" / "echarts.min.js")

    routes = [
        Route("/healthz", healthy),
        Route("/_solara/cdn/{path:path}", asset),
        Route("/_ui/echarts.min.js", charts),
        Mount("/", routes=solara_server.routes),
    ]
    middleware = [Middleware(_Headers), Middleware(GZipMiddleware, minimum_size=1000)]
    return Starlette(routes=routes, middleware=middleware, lifespan=solara_server.lifespan)


class _Headers:
    """Adds the headers that keep the page to itself."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(key.encode(), value.encode()) for key, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def serve(settings: Settings, host: str, port: int, root_path: str, on_ready: Any) -> None:
    """Serve until Ctrl-C or a polite kill, which both are a proper end; ``on_ready`` is called once the port answers.

    Raises
    ------
    OSError
        When the port is taken.
    """
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            error.filename = f"{host}:{port}"
            raise
    app = make_app(settings, root_path)
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            on_ready()

        def handle_exit(self, sig: int, frame: Any) -> None:
            # uvicorn would send the signal once more when all is closed, as if something had been broken off
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", "Cookies with samesite")  # without https the browser keeps them to this site
    config = uvicorn.Config(
        app, host=host, port=port, ws="websockets-sansio", log_level="warning", timeout_graceful_shutdown=2,
        ws_max_size=4 * 2**20,
    )  # fmt: skip
    try:
        Server(config).run()
    finally:
        from transition_sim.viz.app import laboratory
        from transition_sim.viz.pages.research import bench

        laboratory.close()
        bench.close()
