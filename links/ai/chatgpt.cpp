#include "links/ai/ai.hpp"
#include "links/ai/models.hpp"

#include <array>

namespace linkspan::ai
{
namespace
{

constexpr std::string_view chatgpt_url = "https://api.openai.com/";

constexpr std::array chatgpt_fields = {
    link_field{.name = "api_key", .help = "a secret key of the OpenAI platform (sk-...)"},
    organization_field,
    base_url_field(chatgpt_url),
};

constexpr std::array<std::string_view, 2> chatgpt_pages = {
    "https://platform.openai.com/api-keys", "https://platform.openai.com/docs/api-reference/authentication"};

result<> check_chatgpt(link_fields const& given)
{
    auto const key = value_of(given, chatgpt_fields, "api_key");
    auto const base = checked_base_url("base_url", value_of(given, chatgpt_fields, "base_url"));
    if (!base)
        return base.error();
    if (key.starts_with("sk-ant-"))
        return error(errc::invalid, "api_key is a key of Anthropic's: make a link of the template claude");
    // A gateway of one's own may have keys of its own.
    if (auto const fit = check_token("api_key", key, *base == chatgpt_url ? "sk-" : ""); !fit)
        return fit;
    if (auto const own = value_of(given, chatgpt_fields, "organization"); !own.empty())
        return check_token("organization", own);
    return {};
}

boost::asio::awaitable<result<link_identity>> identify_chatgpt(link_services& services, link_fields given)
{
    std::vector<http_header> headers;
    headers.push_back(bearer(value_of(given, chatgpt_fields, "api_key")));
    if (auto const own = value_of(given, chatgpt_fields, "organization"); !own.empty())
        headers.push_back({"OpenAI-Organization", std::string(own)});
    auto request = models_request(value_of(given, chatgpt_fields, "base_url"), std::move(headers));
    if (!request)
        co_return request.error();
    auto const said = co_await rest_call(services.http, std::move(*request), services.request_timeout);
    if (!said)
        co_return said.error();
    co_return read_models(*said, "data", "openai-organization", "an OpenAI project");
}

}  // namespace

constinit link_template const chatgpt = {
    .name = "chatgpt",
    .title = "OpenAI API key",
    .purpose = "Keeps a key of the OpenAI platform, the API behind ChatGPT.",
    .steps =
        "1. Open https://platform.openai.com/api-keys > Create new secret key.\n"
        "2. Name it Linkspan; choose the project; Permissions: All, or Restricted with Models and Model\n"
        "   capabilities.\n"
        "3. Copy the key (sk-...): it is this link's api_key; OpenAI shows it once.\n",
    .fields = chatgpt_fields,
    .check = check_chatgpt,
    .identify = identify_chatgpt,
    .pages = chatgpt_pages,
    .revoke_page = "https://platform.openai.com/api-keys",
};

}  // namespace linkspan::ai
