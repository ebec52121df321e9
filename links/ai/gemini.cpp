#include "links/ai/ai.hpp"
#include "links/ai/models.hpp"

#include <array>

namespace linkspan::ai
{
namespace
{

constexpr std::array gemini_fields = {
    link_field{.name = "api_key", .help = "a key of Google AI Studio"},
    base_url_field("https://generativelanguage.googleapis.com/"),
};

constexpr std::array<std::string_view, 2> gemini_pages = {
    "https://aistudio.google.com/apikey", "https://ai.google.dev/gemini-api/docs/api-key"};

result<> check_gemini(link_fields const& given)
{
    if (auto const fit = check_base_url("base_url", value_of(given, gemini_fields, "base_url")); !fit)
        return fit;
    return check_token("api_key", value_of(given, gemini_fields, "api_key"));
}

// Google refuses a wrong key with status 400; the reason stands in the details of the error.
bool is_key_refused(exchange const& ended)
{
    return ended.fate == exchange_fate::answered && ended.response.status == 400 &&
           ended.response.body.find("API_KEY_INVALID") != std::string::npos;
}

// The key goes into a header, never into the URL, where proxies would write it into their logs.
boost::asio::awaitable<result<link_identity>> identify_gemini(link_services& services, link_fields given)
{
    std::vector<http_header> headers;
    headers.push_back({"x-goog-api-key", std::string(value_of(given, gemini_fields, "api_key"))});
    auto request = models_request(value_of(given, gemini_fields, "base_url"), std::move(headers));
    if (!request)
        co_return request.error();
    auto const asked = *request;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = rest_answer_bytes_max;
    options.idempotent = true;
    auto ended = co_await services.http.send(std::move(*request), options);
    bool const is_refused = is_key_refused(ended);
    auto const said = read_rest(asked, std::move(ended));
    if (!said)
        co_return error(is_refused ? errc::unauthorized : said.error().code, said.error().message);
    co_return read_models(*said, "models", {}, "a Google Cloud project");
}

}  // namespace

constinit link_template const gemini = {
    .name = "gemini",
    .title = "Gemini API key",
    .purpose = "Keeps a key of Google's Gemini API.",
    .steps =
        "1. Open https://aistudio.google.com/apikey > Create API key; choose the Google Cloud project.\n"
        "2. Copy the key: it is this link's api_key.\n"
        "3. Restrict it to the Generative Language API (Google Cloud console > APIs & Services > "
        "Credentials).\n",
    .fields = gemini_fields,
    .check = check_gemini,
    .identify = identify_gemini,
    .pages = gemini_pages,
    .revoke_page = "https://aistudio.google.com/apikey",
};

}  // namespace linkspan::ai
