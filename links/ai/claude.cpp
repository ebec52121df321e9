#include "links/ai/ai.hpp"
#include "links/ai/models.hpp"

#include <array>

namespace linkspan::ai
{
namespace
{

constexpr std::string_view claude_url = "https://api.anthropic.com/";
constexpr std::string_view api_version = "2023-06-01";

constexpr std::array claude_fields = {
    link_field{.name = "api_key", .help = "a key of the Claude Console (sk-ant-...)"},
    base_url_field(claude_url),
};

constexpr std::array<std::string_view, 2> claude_pages = {
    "https://console.anthropic.com/settings/keys", "https://docs.anthropic.com/en/api/models-list"};

result<> check_claude(link_fields const& given)
{
    auto const base = checked_base_url("base_url", value_of(given, claude_fields, "base_url"));
    if (!base)
        return base.error();
    return check_token(
        "api_key", value_of(given, claude_fields, "api_key"), *base == claude_url ? "sk-ant-" : ""
    );
}

boost::asio::awaitable<result<link_identity>> identify_claude(link_services& services, link_fields given)
{
    std::vector<http_header> headers;
    headers.push_back({"x-api-key", std::string(value_of(given, claude_fields, "api_key"))});
    headers.push_back({"anthropic-version", std::string(api_version)});
    auto request = models_request(value_of(given, claude_fields, "base_url"), std::move(headers));
    if (!request)
        co_return request.error();
    auto const said = co_await rest_call(services.http, std::move(*request), services.request_timeout);
    if (!said)
        co_return said.error();
    co_return read_models(*said, "data", "anthropic-organization-id", "an Anthropic workspace");
}

}  // namespace

constinit link_template const claude = {
    .name = "claude",
    .title = "Claude API key",
    .purpose = "Keeps a key of Anthropic's API, which runs Claude.",
    .steps =
        "1. Open https://console.anthropic.com/settings/keys > Create Key.\n"
        "2. Choose the workspace and name it Linkspan.\n"
        "3. Copy the key (sk-ant-...): it is this link's api_key; the console shows it once.\n",
    .fields = claude_fields,
    .check = check_claude,
    .identify = identify_claude,
    .pages = claude_pages,
    .revoke_page = "https://console.anthropic.com/settings/keys",
};

}  // namespace linkspan::ai
