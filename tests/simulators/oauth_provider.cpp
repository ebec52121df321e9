#include "tests/simulators/oauth_provider.hpp"

#include "tests/simulators/oauth_provider_page.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

namespace linkspan::test
{
namespace
{

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t too_many_bytes = 1u << 20;

}  // namespace

provider_fault provider_fault::none()
{
    return {};
}

provider_fault provider_fault::lost(bool acted)
{
    provider_fault fault;
    fault.acts = acted;
    fault.cuts = true;
    return fault;
}

provider_fault provider_fault::held()
{
    provider_fault fault;
    fault.acts = true;
    fault.holds = true;
    return fault;
}

provider_fault provider_fault::status(int status, std::string body)
{
    provider_fault fault;
    fault.answer = http_response(status, std::move(body));
    return fault;
}

provider_fault provider_fault::rate_limit(std::optional<std::string> after)
{
    auto fault = status(
        429, R"({"type":"error","error":{"message":"Rate limit for this resource has been exceeded"}})"
    );
    if (after)
        fault.answer->headers.push_back({"Retry-After", *after});
    return fault;
}

provider_fault provider_fault::error(int status, std::string_view code, std::string_view description)
{
    provider_fault fault;
    fault.answer = json_page(status, {{"error_description", description}, {"error", code}});
    return fault;
}

provider_fault provider_fault::wrong_json()
{
    auto fault = status(200, R"({"access_token":"half)");
    fault.acts = true;
    return fault;
}

provider_fault provider_fault::too_large()
{
    auto fault = status(200, R"({"access_token":"a","x":")" + std::string(too_many_bytes, 'x') + "\"}");
    fault.acts = true;
    return fault;
}

provider_fault provider_fault::redirect(std::string url)
{
    auto fault = status(302, "");
    fault.answer->headers.push_back({"Location", std::move(url)});
    return fault;
}

provider_settings provider_settings::cloud()
{
    provider_settings out;
    out.scopes = "account team repository pullrequest:write webhook pipeline";
    return out;
}

provider_settings provider_settings::data_center()
{
    provider_settings out;
    out.kind = provider_kind::data_center;
    out.callback_url = "https://linkspan.example.com/callback";
    out.scopes = "REPO_READ REPO_WRITE";
    out.allows_http_redirect = false;
    out.rules.access_life = seconds(3600);
    out.rules.refresh_grace = seconds(0);
    return out;
}

oauth_provider::oauth_provider(provider_settings settings)
    : held_(loop_, asio::steady_timer::time_point::max()),
      settings_(std::move(settings)),
      office_(settings_.rules),
      server_(
          loop_, [this](http_request request) { return handle(std::move(request)); }, settings_.port
      )
{
}

oauth_provider::~oauth_provider()
{
    release();
}

std::string oauth_provider::url(std::string_view path) const
{
    return server_.url() + std::string(path);
}

std::string oauth_provider::authorize_url() const
{
    return url(
        settings_.kind == provider_kind::cloud ? "/site/oauth2/authorize" : "/rest/oauth2/latest/authorize"
    );
}

std::string oauth_provider::token_url() const
{
    return url(
        settings_.kind == provider_kind::cloud ? "/site/oauth2/access_token" : "/rest/oauth2/latest/token"
    );
}

std::string oauth_provider::api_url() const
{
    return url(settings_.kind == provider_kind::cloud ? "/2.0/" : "/");
}

time_point oauth_provider::now() const
{
    std::lock_guard const lock(mutex_);
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) + moved_by_;
}

void oauth_provider::advance(milliseconds duration)
{
    std::lock_guard const lock(mutex_);
    moved_by_ += duration;
}

void oauth_provider::script(provider_call call, std::vector<provider_fault> faults)
{
    std::lock_guard const lock(mutex_);
    auto& waiting = faults_[call];
    waiting.insert(waiting.end(), faults.begin(), faults.end());
}

void oauth_provider::release()
{
    {
        std::lock_guard const lock(mutex_);
        released_ = true;
    }
    asio::post(loop_, [this] { held_.cancel(); });
}

void oauth_provider::hold_again()
{
    std::lock_guard const lock(mutex_);
    released_ = false;
}

std::size_t oauth_provider::calls(provider_call call) const
{
    std::lock_guard const lock(mutex_);
    auto const found = calls_.find(call);
    return found == calls_.end() ? 0 : found->second;
}

bool oauth_provider::wait_for_calls(provider_call call, std::size_t number, milliseconds patience)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return calls_[call] >= number; });
}

bool oauth_provider::wait_for_held(std::size_t number, milliseconds patience)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return held_now_ >= number; });
}

void oauth_provider::set_client_secret(std::string client_secret)
{
    std::lock_guard const lock(mutex_);
    settings_.client_secret = std::move(client_secret);
}

void oauth_provider::set_callback_url(std::string url)
{
    std::lock_guard const lock(mutex_);
    settings_.callback_url = std::move(url);
}

void oauth_provider::revoke_all()
{
    std::lock_guard const lock(mutex_);
    office_.revoke_all();
}

void oauth_provider::spoil_access_tokens()
{
    std::lock_guard const lock(mutex_);
    office_.spoil_access_tokens();
}

std::vector<std::string> oauth_provider::handed_out() const
{
    std::lock_guard const lock(mutex_);
    return office_.handed_out();
}

std::vector<std::string> oauth_provider::verifiers() const
{
    std::lock_guard const lock(mutex_);
    return office_.verifiers();
}

provider_fault oauth_provider::next_fault(provider_call call)
{
    std::lock_guard const lock(mutex_);
    ++calls_[call];
    changed_.notify_all();
    auto& waiting = faults_[call];
    if (waiting.empty())
        return provider_fault::none();
    auto fault = std::move(waiting.front());
    waiting.pop_front();
    return fault;
}

asio::awaitable<http_response> oauth_provider::handle(http_request request)
{
    page const asked(std::move(request));
    auto const fault = next_fault(asked.call);
    http_response response;
    if (fault.acts || (!fault.answer && !fault.cuts))
        response = act(asked);
    if (fault.answer)
        response = *fault.answer;
    if (fault.cuts)
        response = http_response(close_unanswered);
    if (fault.holds)
        co_await hold();
    co_return response;
}

asio::awaitable<void> oauth_provider::hold()
{
    auto const count = [this](bool begins)
    {
        std::lock_guard const lock(mutex_);
        if (begins && released_)
            return false;
        begins ? ++held_now_ : --held_now_;
        changed_.notify_all();
        return true;
    };
    if (!count(true))
        co_return;
    boost::system::error_code ignored;
    co_await held_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    count(false);
}

http_response oauth_provider::act(page const& asked)
{
    switch (asked.call)
    {
        case provider_call::authorize:
            return show_consent(asked);
        case provider_call::consent:
            return take_consent(asked);
        case provider_call::exchange:
        case provider_call::refresh:
        case provider_call::client_credentials:
        case provider_call::bad_grant:
            return give_tokens(asked);
        case provider_call::api:
            return answer_api(asked);
        case provider_call::other:
            break;
    }
    return html_page(404, "Page not found", "<p>There is no such page.</p>");
}

}  // namespace linkspan::test
