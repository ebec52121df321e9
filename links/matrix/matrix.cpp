#include "links/matrix/matrix.hpp"

#include "links/net/rest.hpp"

#include <array>

namespace linkspan::matrix
{
namespace
{

constexpr std::array fields = {
    required_setting(
        "base_url", "URL of the homeserver's client API, for example https://matrix.example.com"
    ),
    link_field{.name = "access_token", .help = "access token of a user made for Linkspan"},
};

constexpr std::array<std::string_view, 2> pages = {
    "https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3accountwhoami",
    "https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3login"};

result<> check(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, fields, "base_url")); !fit)
        return fit;
    return check_token("access_token", value_of(given, fields, "access_token"));
}

boost::asio::awaitable<result<link_identity>> identify(link_services& services, link_fields given)
{
    auto const base = checked_base_url("base_url", value_of(given, fields, "base_url"));
    if (!base)
        co_return base.error();
    std::vector<http_header> headers;
    headers.push_back(bearer(value_of(given, fields, "access_token")));
    auto const url = *base + "_matrix/client/v3/account/whoami";
    auto const said = co_await rest_get(services.http, url, std::move(headers), services.request_timeout);
    if (!said)
        co_return said.error();
    link_identity who;
    who.account = text_at(said->body, "/user_id");
    if (who.account.empty())
        co_return error(errc::not_found, "an answer that is none of Matrix's: check base_url");
    who.credential = "access token";
    who.service_time = date_of(said->raw);
    who.facts["user_id"] = who.account;
    if (auto const device = text_at(said->body, "/device_id"); !device.empty())
        who.facts["device_id"] = device;
    co_return who;
}

}  // namespace

constinit link_template const account = {
    .name = "matrix",
    .title = "Matrix user",
    .purpose = "Keeps the access token of a Matrix user.",
    .steps =
        "1. Register a user for Linkspan on the homeserver; do not use your own.\n"
        "2. Log it in at Element (https://app.element.io), then All settings > Help & About > Access Token:\n"
        "   copy it, and close the window without logging out (that would end the token).\n"
        "3. It is this link's access_token; the homeserver's URL stands on the same page: it is base_url.\n"
        "4. Invite the user to the rooms, without encryption: Linkspan keeps no keys of rooms.\n"
        "5. The token ends when its session is signed out: All settings > Sessions.\n",
    .fields = fields,
    .check = check,
    .identify = identify,
    .pages = pages,
    .revoke_page = "https://app.element.io",
};

}  // namespace linkspan::matrix
