#include "core/oauth/token.hpp"

#include "core/base/utf8.hpp"
#include "core/oauth/form.hpp"
#include "core/oauth/token_errors.hpp"
#include "core/oauth/words.hpp"

#include <boost/json/memory_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t fact_bytes_max = 256;

// An answer is full of tokens: what it is parsed into is overwritten when it goes.
class wiping_memory final : public json::memory_resource
{
public:
    static json::storage_ptr pointer()
    {
        static wiping_memory memory;
        return &memory;
    }

private:
    void* do_allocate(std::size_t bytes, std::size_t) override
    {
        // Nothing in it is aligned beyond what plain new gives, and Boost.JSON 1.81 frees keys under another
        // alignment than it has asked for.
        return ::operator new(bytes);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t) override
    {
        auto volatile* const first = static_cast<char*>(block);
        for (std::size_t i = 0; i < bytes; ++i)
            first[i] = 0;
        ::operator delete(block);
    }
    bool do_is_equal(json::memory_resource const& other) const noexcept override { return this == &other; }
};

// What may be told of an answer: everything else could be a secret, as Slack's incoming_webhook.url is.
constexpr std::array<std::string_view, 22> told_facts = {
    "account_id",
    "api_domain",
    "app_id",
    "authed_user.id",
    "bot_id",
    "bot_user_id",
    "cloud_id",
    "enterprise.id",
    "enterprise.name",
    "instance_url",
    "is_enterprise_install",
    "owner_id",
    "realm_id",
    "refresh_token_expires_in",
    "team.id",
    "team.name",
    "team_id",
    "tenant_id",
    "uid",
    "user_id",
    "workspace_id",
    "workspace_name",
};

json::value const* member(json::object const& object, std::string_view path)
{
    auto const dot = path.find('.');
    auto const* const found = object.if_contains(path.substr(0, dot));
    if (found == nullptr || dot == path.npos)
        return found;
    auto const* const inner = found->if_object();
    return inner == nullptr ? nullptr : member(*inner, path.substr(dot + 1));
}

std::string_view text_of(json::object const& object, std::string_view path)
{
    auto const* const found = member(object, path);
    if (found == nullptr || !found->is_string())
        return {};
    return std::string_view(found->get_string());
}

// A form as an object of texts, where it is one of OAuth's: GitHub's without Accept.
std::optional<json::object> object_of_form(std::string_view body)
{
    auto const fields = decode_form(body);
    if (!fields)
        return std::nullopt;
    json::object out(wiping_memory::pointer());
    for (auto const& field : *fields)
        out[field.name] = field.value;
    if (!out.contains("access_token") && !out.contains("error"))
        return std::nullopt;
    return out;
}

std::optional<json::object> object_of(std::string_view body)
{
    if (body.starts_with("\xef\xbb\xbf"))
        body.remove_prefix(3);
    auto const first = body.find_first_not_of(" \t\r\n");
    if (first == body.npos)
        return std::nullopt;
    boost::system::error_code failure;
    auto value =
        json::parse({body.data(), body.size()}, failure, wiping_memory::pointer());  // at most 32 levels deep
    if (!failure && value.is_object())
        return std::move(value.get_object());
    return body[first] == '<' || !failure ? std::nullopt : object_of_form(body.substr(first));
}

std::string scopes_of(json::object const& said)
{
    std::string out;
    auto const add = [&out](std::string_view text)
    {
        bool gap = !out.empty();
        for (char const c : text)
        {
            bool const is_blank = c == ',' || (c >= 0 && c <= ' ');
            if (c < 0 || c == 0x7f || c == '"' || c == '\\')  // RFC 6749, 3.3: of no scope
                continue;
            if (!is_blank && gap && !out.empty())
                out += ' ';
            if (!is_blank)
                out += c;
            gap = is_blank;
        }
    };
    for (std::string_view const name : {"scope", "scopes"})
    {
        auto const* const found = said.if_contains(name);
        if (found == nullptr || !out.empty())
            continue;
        if (found->is_string())
            add(found->get_string());
        if (found->is_array())
            for (auto const& one : found->get_array())
                if (one.is_string())
                    add(one.get_string());
    }
    return out;
}

// Seconds, where a number is there that can be one; a life of 0 or less says nothing that could be used.
std::optional<seconds> life_of(json::object const& said)
{
    auto const* const found = said.if_contains("expires_in");
    if (found == nullptr)
        return std::nullopt;
    double number = 0;
    if (found->is_int64())
        number = static_cast<double>(found->get_int64());
    else if (found->is_uint64())
        number = static_cast<double>(found->get_uint64());
    else if (found->is_double())
        number = found->get_double();
    else if (found->is_string())
    {
        auto const& text = found->get_string();
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure == std::errc::result_out_of_range && !text.starts_with('-'))
            return token_life_max;
        if (failure != std::errc() || end != text.data() + text.size())
            return std::nullopt;
    }
    if (!(number >= 1))  // true of NaN
        return std::nullopt;
    if (number >= static_cast<double>(token_life_max.count()))
        return token_life_max;
    return seconds(static_cast<std::int64_t>(number));
}

std::map<std::string, std::string> facts_of(json::object const& said)
{
    std::map<std::string, std::string> out;
    for (auto const name : told_facts)
    {
        auto const* const found = member(said, name);
        if (found == nullptr)
            continue;
        std::string text;
        if (found->is_string())
            text = plain_line(std::string_view(found->get_string()), fact_bytes_max);
        else if (found->is_int64())
            text = std::to_string(found->get_int64());
        else if (found->is_uint64())
            text = std::to_string(found->get_uint64());
        else if (found->is_bool())
            text = found->get_bool() ? "true" : "false";
        if (!text.empty())
            out.emplace(name, std::move(text));
    }
    return out;
}

// It goes into a header: nothing else than what RFC 6750 lets stand there.
bool is_sendable(std::string_view token)
{
    return std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
}

token_answer granted(json::object const& said, json::object const& holder, time_point asked_at)
{
    token_answer out;
    auto const token = text_of(holder, "access_token");
    if (!is_sendable(token))
        return {token_fate::unavailable, "the token endpoint answers with a token that cannot be sent"};
    out.fate = token_fate::granted;
    auto& tokens = out.tokens;
    tokens.access_token = secret(std::string(token));
    tokens.refresh_token = secret(std::string(text_of(holder, "refresh_token")));
    tokens.token_type = word_of(text_of(holder, "token_type"));
    if (tokens.token_type.empty())
        tokens.token_type = "Bearer";
    tokens.scopes = scopes_of(holder);
    tokens.obtained_at = asked_at;
    if (auto const life = life_of(holder))
        tokens.expires_at = asked_at + *life;
    tokens.facts = facts_of(said);
    return out;
}

// The error in the service's own words: {"error": "...", "error_description": "..."} of RFC 6749, and what
// gateways in front of token endpoints say instead.
std::string code_of(json::object const& said)
{
    for (std::string_view const path : {"error", "error.code", "error.status", "error.type"})
        if (auto const code = word_of(text_of(said, path)); !code.empty())
            return code;
    return {};
}

std::string description_of(json::object const& said)
{
    for (std::string_view const path :
         {"error_description", "error.message", "error.detail", "message", "detail", "errorMessage"})
        if (auto const text = text_of(said, path); !text.empty())
            return plain_line(text, words_bytes_max);
    auto const* const errors = said.if_contains("errors");
    if (errors != nullptr && errors->is_array() && !errors->get_array().empty())
        if (auto const* const first = errors->get_array().front().if_object())
            return plain_line(text_of(*first, "message"), words_bytes_max);
    return {};
}

// A service may repeat what it was given: whatever is as long as a token goes.
std::string without_tokens(std::string_view words)
{
    constexpr std::size_t run_bytes_max = 40;
    std::string out;
    while (!words.empty())
    {
        auto const is_inside = [](char c)
        {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '_' || c == '=' || c == '+' || c == '%';
        };
        auto const end = static_cast<std::size_t>(std::ranges::find_if_not(words, is_inside) - words.begin());
        out.append(end > run_bytes_max ? "[...]" : words.substr(0, end));
        words.remove_prefix(end);
        if (!words.empty())
            out += words.front();
        words.remove_prefix(std::min<std::size_t>(1, words.size()));
    }
    return out;
}

token_answer failed(int status, json::object const& said)
{
    token_answer out;
    out.error_code = without_tokens(code_of(said));
    auto const description = without_tokens(description_of(said));
    out.fate = fate_of(status, out.error_code, description);
    out.words = out.error_code;
    if (!description.empty() && description != out.error_code)
        out.words += (out.words.empty() ? "" : ": ") + description;
    if (out.words.empty())
        out.words = words_of_status(status);
    return out;
}

token_answer read_object(int status, json::object const& said, token_dialect dialect, time_point asked_at)
{
    bool const is_good = status >= 200 && status < 300;
    if (dialect == token_dialect::slack)
    {
        auto const* const ok = said.if_contains("ok");
        if (ok != nullptr && ok->is_bool() && !ok->get_bool())
            return failed(status, said);
    }
    if (is_good && !text_of(said, "access_token").empty())
        return granted(said, said, asked_at);
    if (is_good && dialect == token_dialect::slack && !text_of(said, "authed_user.access_token").empty())
        return granted(said, said.at("authed_user").get_object(), asked_at);
    if (is_good && code_of(said).empty() && description_of(said).empty())
        return {token_fate::unavailable, "the token endpoint answers without an access_token"};
    return failed(status, said);
}

}  // namespace

std::string_view name_of(token_fate fate) noexcept
{
    constexpr std::array<std::string_view, 5> names = {
        "granted", "refused", "misused", "unavailable", "unknown"};
    auto const index = static_cast<std::size_t>(fate);
    return index < names.size() ? names[index] : "unknown";
}

token_answer read_token_answer(int status, std::string_view body, token_dialect dialect, time_point asked_at)
{
    if (body.size() > token_answer_bytes_max)
        return {
            token_fate::unavailable,
            "the token endpoint answers with more than " + std::to_string(token_answer_bytes_max) + " bytes"};
    if (auto const said = object_of(body))
        return read_object(status, *said, dialect, asked_at);
    if (status >= 200 && status < 300)
        return {token_fate::unavailable, "the token endpoint answers with something that is no JSON object"};
    return failed(status, json::object());
}

}  // namespace linkspan
