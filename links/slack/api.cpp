#include "links/slack/api.hpp"

#include "links/link.hpp"
#include "links/net/retry_after.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace linkspan::slack
{
namespace
{

namespace json = boost::json;

// Digits of a code that is repeated in logs; Slack's are shorter.
constexpr std::size_t code_bytes_max = 64;

outcome make(outcome_kind kind, std::string detail, std::string_view advice = {})
{
    outcome made(kind, std::move(detail));
    made.advice = advice;
    return made;
}

// Only the characters of Slack's codes: what a proxy may send instead must not get into logs.
std::string printable_code(std::string_view code)
{
    std::string kept;
    for (char const c : code.substr(0, code_bytes_max))
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
            c == '.')
            kept += c;
    return kept;
}

std::string_view text_member(json::object const& object, std::string_view name)
{
    auto const* const found = object.if_contains(name);
    if (found == nullptr || !found->is_string())
        return {};
    return std::string_view(found->get_string());
}

error_code const* find_code(std::string_view code)
{
    for (auto const& row : error_codes())
        if (row.code == code)
            return &row;
    return nullptr;
}

std::string describe(json::object const& body, std::string const& code)
{
    std::string detail = "Slack says " + (code.empty() ? std::string("no, without a reason") : code);
    if (auto const needed = printable_code(text_member(body, "needed")); !needed.empty())
        detail += ", needed " + needed;
    return detail;
}

outcome read_code(http_response const& answer, json::object const& body)
{
    std::string const code = printable_code(text_member(body, "error"));
    auto detail = describe(body, code);
    if (auto const* const row = find_code(code); row != nullptr)
    {
        auto said = make(row->kind, std::move(detail), row->advice);
        said.token_refused = row->token_refused;
        if (row->kind == outcome_kind::retry_after)
            said.wait = retry_after_of(answer);
        return said;
    }
    return make(
        outcome_kind::rejected_destination,
        std::move(detail),
        "look the code up at https://docs.slack.dev/reference/methods/chat.postMessage, mend it, then resume"
    );
}

outcome read_body(http_response const& answer)
{
    boost::system::error_code failure;
    auto const value = json::parse(answer.body, failure);
    std::string const status = std::to_string(answer.status);
    auto const* const body = failure ? nullptr : value.if_object();
    auto const* const ok = body == nullptr ? nullptr : body->if_contains("ok");
    bool const is_slack = ok != nullptr && ok->is_bool();
    if (is_slack && !ok->get_bool())
        return read_code(answer, *body);
    if (answer.status >= 200 && answer.status < 300)
    {
        if (!is_slack)
            return make(
                outcome_kind::unknown,
                "an answer " + status + " that is none of Slack's",
                "check the link's api_url, and whether a proxy answers in Slack's place"
            );
        auto taken = make(outcome_kind::accepted, "posted");
        taken.reference = text_member(*body, "ts");
        return taken;
    }
    if (answer.status == 408)
        return make(outcome_kind::retry_after, "Slack has not got the whole request: status 408");
    if (answer.status == 413)
        return make(outcome_kind::rejected_message, "the message is too large: status 413");
    auto refused = make(
        outcome_kind::rejected_destination,
        "Slack's address answers with status " + status,
        answer.status == 401 || answer.status == 403 || answer.status == 407
            ? "check the bot token, and whether a proxy wants a password"
            : "check the link's api_url: there is no Slack Web API"
    );
    refused.token_refused = answer.status == 401;
    return refused;
}

outcome read_response(http_response const& answer)
{
    std::string const status = std::to_string(answer.status);
    if (answer.status == 429 || answer.status == 503)
    {
        auto busy = make(
            outcome_kind::retry_after,
            (answer.status == 429 ? "Slack's rate limit: status " : "Slack is not available: status ") +
                status
        );
        busy.wait = retry_after_of(answer);
        return busy;
    }
    // The request was read before one of these was said; the message may have been posted.
    if (answer.status >= 500)
        return make(outcome_kind::unknown, "Slack failed: status " + status);
    return read_body(answer);
}

}  // namespace

result<std::string> checked_api_url(std::string_view api_url)
{
    return checked_base_url("api_url", api_url);
}

error refusal_of(json::object const& answer)
{
    std::string const code = printable_code(text_member(answer, "error"));
    auto const said = describe(answer, code);
    auto const* const row = find_code(code);
    if (row == nullptr)
        return {errc::invalid, said};
    auto const with_advice = row->advice.empty() ? said : said + ": " + std::string(row->advice);
    if (row->kind == outcome_kind::retry_after || row->kind == outcome_kind::unknown)
        return {errc::unavailable, with_advice};
    if (code == "unknown_method" || row->kind != outcome_kind::rejected_destination)
        return {code == "unknown_method" ? errc::not_found : errc::invalid, with_advice};
    return {errc::unauthorized, with_advice};
}

http_request post_message_request(std::string_view api_url, std::string_view token, std::string body)
{
    http_request request("POST", std::string(api_url) + "chat.postMessage");
    request.headers.push_back({"Authorization", "Bearer " + std::string(token)});
    request.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = std::move(body);
    return request;
}

outcome read_answer(exchange const& ended)
{
    switch (ended.fate)
    {
        case exchange_fate::answered:
            return read_response(ended.response);
        case exchange_fate::not_sent:
            return make(outcome_kind::retry_after, "not sent: " + ended.reason);
        case exchange_fate::cancelled:
            return make(outcome_kind::retry_after, "not sent: linkspan is stopping");
        case exchange_fate::unknown:
            break;
    }
    return make(outcome_kind::unknown, "sent, but no answer: " + ended.reason);
}

}  // namespace linkspan::slack
