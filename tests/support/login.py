"""An MCP server that wants a login, and its authorization server: the one of the package `mcp`, over a store in memory.

Arguments: the port, the seconds that an access token lasts, and `refuse` to have the user say no.
Whoever visits the login page has logged in.
"""
import secrets
import sys
import time

from mcp.server.auth.provider import (
    AccessToken, AuthorizationCode, AuthorizationParams, RefreshToken, construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.fastmcp import FastMCP
from mcp.shared.auth import OAuthToken

port, lasts = int(sys.argv[1]), int(sys.argv[2])
refuse = "refuse" in sys.argv


class Provider:
    def __init__(self):
        self.clients, self.codes, self.refreshes, self.tokens = {}, {}, {}, {}
        self.renewed = 0

    async def get_client(self, client_id):
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params: AuthorizationParams):
        if refuse:
            return construct_redirect_uri(
                str(params.redirect_uri), error="access_denied", error_description="not today", state=params.state
            )
        code = AuthorizationCode(
            code=secrets.token_urlsafe(32),
            client_id=client.client_id,
            scopes=params.scopes or ["notes"],
            expires_at=time.time() + 60,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        self.codes[code.code] = code
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    async def load_authorization_code(self, client, authorization_code):
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(self, client, authorization_code):
        del self.codes[authorization_code.code]
        return self.issue(client.client_id, authorization_code.scopes)

    async def load_refresh_token(self, client, refresh_token):
        return self.refreshes.get(refresh_token)

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        # a refresh token counts once
        del self.refreshes[refresh_token.token]
        self.renewed += 1
        return self.issue(client.client_id, scopes or refresh_token.scopes)

    async def load_access_token(self, token):
        known = self.tokens.get(token)
        return known if known and known.expires_at > time.time() else None

    async def revoke_token(self, token):
        pass

    def issue(self, client_id, scopes):
        access, refresh = f"access-{secrets.token_urlsafe(32)}", f"refresh-{secrets.token_urlsafe(32)}"
        end = int(time.time()) + lasts
        self.tokens[access] = AccessToken(token=access, client_id=client_id, scopes=scopes, expires_at=end)
        self.refreshes[refresh] = RefreshToken(token=refresh, client_id=client_id, scopes=scopes)
        return OAuthToken(
            access_token=access, token_type="Bearer", expires_in=lasts, refresh_token=refresh, scope=" ".join(scopes)
        )


provider = Provider()
url = f"http://127.0.0.1:{port}"
server = FastMCP(
    "notes",
    host="127.0.0.1",
    port=port,
    log_level="ERROR",
    auth_server_provider=provider,
    auth=AuthSettings(
        issuer_url=url,
        resource_server_url=f"{url}/mcp",
        required_scopes=["notes"],
        client_registration_options=ClientRegistrationOptions(
            enabled=True, valid_scopes=["notes"], default_scopes=["notes"]
        ),
    ),
)


@server.tool()
def renewed() -> int:
    """How often a token was renewed."""
    return provider.renewed


@server.tool()
def tokens() -> list[str]:
    """All tokens, which nobody should see."""
    return [*provider.tokens, *provider.refreshes]


server.run(transport="streamable-http")
