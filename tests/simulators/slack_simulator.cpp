#include "tests/simulators/slack_simulator.hpp"

#include "core/oauth/form.hpp"
#include "tests/simulators/requests.hpp"
#include "tests/simulators/slack_arguments.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace linkspan::test
{
namespace
{

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::string_view bot_id = "B00000001";
constexpr std::string_view user_id = "U00000001";
constexpr std::string_view team_id = "T00000001";
constexpr std::string_view app_id = "A00000001";

std::string ts_text(std::int64_t microseconds)
{
    std::string fraction = std::to_string(microseconds % 1'000'000);
    return std::to_string(microseconds / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
}

std::int64_t microseconds_now()
{
    auto const now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

slack_fault slack_fault::none()
{
    return {};
}

slack_fault slack_fault::error(std::string_view code)
{
    slack_fault fault;
    fault.answer = slack_error(code);
    return fault;
}

slack_fault slack_fault::rate_limit(std::optional<std::string> after)
{
    slack_fault fault;
    fault.answer = slack_error("ratelimited");
    fault.answer->status = 429;
    if (after)
        fault.answer->headers.push_back({"Retry-After", *after});
    return fault;
}

slack_fault slack_fault::status(int status, std::string body)
{
    slack_fault fault;
    fault.answer = http_response(status, std::move(body));
    return fault;
}

slack_fault slack_fault::held()
{
    slack_fault fault;
    fault.stores = true;
    fault.holds = true;
    return fault;
}

slack_fault slack_fault::cut(bool stored)
{
    slack_fault fault;
    fault.stores = stored;
    fault.cuts = true;
    return fault;
}

slack_simulator::slack_simulator()
    : held_(loop_, asio::steady_timer::time_point::max()),
      server_(loop_, [this](http_request request) { return handle(std::move(request)); })
{
    add_token("xoxb-test-1");
    add_channel("C0000000001", "builds");
}

slack_simulator::~slack_simulator()
{
    release();
}

std::string slack_simulator::api_url() const
{
    return server_.url() + "/api/";
}

void slack_simulator::add_token(std::string token)
{
    std::lock_guard const lock(mutex_);
    tokens_[std::move(token)] = "";
}

void slack_simulator::spoil_token(std::string const& token, std::string code)
{
    std::lock_guard const lock(mutex_);
    tokens_[token] = std::move(code);
}

void slack_simulator::add_channel(std::string id, std::string name, bool is_member)
{
    std::lock_guard const lock(mutex_);
    channels_[std::move(id)] = {std::move(name), is_member, false};
}

void slack_simulator::archive_channel(std::string const& id, bool archived)
{
    std::lock_guard const lock(mutex_);
    channels_.at(id).is_archived = archived;
}

void slack_simulator::script(std::vector<slack_fault> faults)
{
    std::lock_guard const lock(mutex_);
    faults_.insert(faults_.end(), faults.begin(), faults.end());
}

void slack_simulator::release()
{
    {
        std::lock_guard const lock(mutex_);
        released_ = true;
    }
    asio::post(loop_, [this] { held_.cancel(); });
}

void slack_simulator::hold_again()
{
    std::lock_guard const lock(mutex_);
    released_ = false;
}

std::vector<slack_message> slack_simulator::messages() const
{
    std::lock_guard const lock(mutex_);
    return messages_;
}

std::size_t slack_simulator::calls() const
{
    std::lock_guard const lock(mutex_);
    return calls_;
}

bool slack_simulator::wait_for_messages(std::size_t number, milliseconds patience)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return messages_.size() >= number; });
}

bool slack_simulator::wait_for_calls(std::size_t number, milliseconds patience)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return calls_ >= number; });
}

bool slack_simulator::wait_for_held(std::size_t number, milliseconds patience)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return held_now_ >= number; });
}

asio::awaitable<http_response> slack_simulator::handle(http_request request)
{
    if (request.target == "/api/chat.postMessage" && request.method == "POST")
    {
        auto response = co_await post_message(std::move(request));
        co_return response;
    }
    if (request.target == "/api/oauth.v2.access" && request.method == "POST")
        co_return rotate(request);
    if (request.target == "/api/auth.test")
        co_return auth_test(request);
    if (request.target.starts_with("/api/"))
        co_return slack_error("unknown_method");
    co_return http_response(404, "<html>not here</html>");
}

asio::awaitable<http_response> slack_simulator::post_message(http_request request)
{
    auto const fault = next_fault();
    http_response response;
    if (fault.stores || (!fault.answer && !fault.cuts))
        response = judge_and_store(request);
    if (fault.answer)
        response = *fault.answer;
    if (fault.cuts)
        response = http_response(close_unanswered);
    if (!fault.holds)
        co_return response;
    boost::system::error_code ignored;
    auto const is_held = [this](bool begins)
    {
        std::lock_guard const lock(mutex_);
        if (begins && released_)
            return false;
        begins ? ++held_now_ : --held_now_;
        changed_.notify_all();
        return true;
    };
    if (is_held(true))
    {
        co_await held_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        is_held(false);
    }
    co_return response;
}

std::optional<std::string> slack_simulator::fault_of_token(http_request const& request) const
{
    auto const token = bearer_token(request);
    if (token.empty())
        return "not_authed";
    auto const known = tokens_.find(token);
    if (known == tokens_.end())
        return "invalid_auth";
    if (!known->second.empty())
        return known->second;
    return std::nullopt;
}

// As https://docs.slack.dev/authentication/using-token-rotation has it: every refresh token works once.
http_response slack_simulator::rotate(http_request const& request)
{
    std::lock_guard const lock(mutex_);
    if (broken_rotations_ != 0)
        return http_response(broken_rotations_, "<html>proxy</html>");
    auto const form = decode_form(request.body);
    std::map<std::string, std::string> given;
    if (form)
        for (auto const& field : *form)
            given.emplace(field.name, field.value);
    if (find_header(request.headers, "Authorization").empty() && given["client_secret"].empty())
        return slack_error("bad_client_secret");
    if (given["grant_type"] != "refresh_token")
        return slack_error("invalid_grant_type");
    if (refresh_tokens_.erase(given["refresh_token"]) == 0)
        return slack_error("invalid_refresh_token");
    auto const number = std::to_string(++rotations_);
    auto const token = "xoxe.xoxb-rotated-" + number;
    auto const next = "xoxe-1-next-" + number;
    tokens_[token].clear();
    refresh_tokens_.insert(next);
    return slack_json({
        {"ok", true},
        {"access_token", token},
        {"refresh_token", next},
        {"expires_in", 43200},
        {"token_type", "bot"},
        {"scope", "chat:write"},
        {"bot_user_id", user_id},
        {"app_id", "A0000000001"},
        {"team", json::object{{"id", team_id}, {"name", "Acme"}}},
    });
}

void slack_simulator::break_rotations(int status)
{
    std::lock_guard const lock(mutex_);
    broken_rotations_ = status;
}

void slack_simulator::add_refresh_token(std::string token)
{
    std::lock_guard const lock(mutex_);
    refresh_tokens_.insert(std::move(token));
}

std::size_t slack_simulator::rotations() const
{
    std::lock_guard const lock(mutex_);
    return rotations_;
}

http_response slack_simulator::auth_test(http_request const& request) const
{
    std::lock_guard const lock(mutex_);
    if (auto const fault = fault_of_token(request))
        return slack_error(*fault);
    return slack_json({
        {"ok", true},
        {"url", "https://acme.slack.example/"},
        {"team", "Acme"},
        {"user", "linkspan"},
        {"team_id", team_id},
        {"user_id", user_id},
        {"bot_id", bot_id},
        {"is_enterprise_install", false},
    });
}

http_response slack_simulator::judge_and_store(http_request const& request)
{
    std::lock_guard const lock(mutex_);
    if (auto const fault = fault_of_token(request))
        return slack_error(*fault);
    auto arguments = read_arguments(request);
    if (auto* const refusal = std::get_if<http_response>(&arguments))
        return std::move(*refusal);
    auto& given = std::get<json::object>(arguments);
    auto const* const wanted = given.if_contains("channel");
    if (wanted == nullptr || !wanted->is_string())
        return slack_error("invalid_arguments", "[ERROR] missing required field: channel");
    std::string_view const name = wanted->get_string();
    for (auto const& [id, one] : channels_)
    {
        if (name != id && name != one.name && name != "#" + one.name)
            continue;
        if (one.is_archived)
            return slack_error("is_archived");
        if (!one.is_member)
            return slack_error("not_in_channel");
        if (auto refusal = judge_content(given); refusal.status != 0)
            return refusal;
        return store(id, std::move(given), bearer_token(request));
    }
    return slack_error("channel_not_found");
}

http_response slack_simulator::store(std::string const& id, json::object arguments, std::string token)
{
    last_ts_ = std::max(microseconds_now(), last_ts_ + 1);
    slack_message kept;
    kept.channel = id;
    kept.ts = ts_text(last_ts_);
    kept.token = std::move(token);
    if (auto const* const text = arguments.if_contains("text"); text != nullptr && text->is_string())
        kept.text = text->get_string();
    kept.arguments = std::move(arguments);
    json::object message{
        {"type", "message"},
        {"text", kept.text},
        {"ts", kept.ts},
        {"user", user_id},
        {"team", team_id},
        {"bot_id", bot_id}};
    if (auto const* const blocks = kept.arguments.if_contains("blocks"))
        message["blocks"] = *blocks;
    json::object const answer{
        {"ok", true}, {"channel", id}, {"ts", kept.ts}, {"message", std::move(message)}};
    messages_.push_back(std::move(kept));
    changed_.notify_all();
    return slack_json(answer);
}

slack_fault slack_simulator::next_fault()
{
    std::lock_guard const lock(mutex_);
    ++calls_;
    changed_.notify_all();
    if (faults_.empty())
        return slack_fault::none();
    auto const fault = faults_.front();
    faults_.pop_front();
    return fault;
}

}  // namespace linkspan::test
