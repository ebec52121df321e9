#include "tests/simulators/bitbucket_cloud.hpp"

#include "links/net/rest.hpp"
#include "tests/simulators/bitbucket_cloud_rest.hpp"

namespace linkspan::test
{

cloud_fault cloud_fault::html()
{
    cloud_fault fault;
    fault.answer = http_response(200, "<!DOCTYPE html><html><body>Log in</body></html>");
    fault.answer->headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    return fault;
}

cloud_fault cloud_fault::half()
{
    cloud_fault fault;
    fault.is_half = true;
    return fault;
}

cloud_fault cloud_fault::cut()
{
    cloud_fault fault;
    fault.answer = http_response(close_unanswered);
    return fault;
}

cloud_fault cloud_fault::status(int status, std::string message)
{
    cloud_fault fault;
    fault.answer = simulated_cloud::refusal(status, message);
    return fault;
}

cloud_fault cloud_fault::rate_limit(std::optional<std::string> retry_after)
{
    auto fault = status(429, "Rate limit for this resource has been exceeded");
    if (retry_after)
        fault.answer->headers.push_back({"Retry-After", *retry_after});
    return fault;
}

cloud_fault cloud_fault::missing_scope(std::string scope)
{
    cloud_fault fault;
    boost::json::object const detail{
        {"required", boost::json::array{boost::json::value(std::string_view(scope))}},
        {"granted", boost::json::array()}};
    boost::json::object const why{
        {"message", "Your credentials lack one or more required privilege scopes."}, {"detail", detail}};
    fault.answer = simulated_cloud::json_answer(403, {{"type", "error"}, {"error", why}});
    return fault;
}

cloud_fault cloud_fault::redirect(std::string url)
{
    cloud_fault fault;
    fault.answer = http_response(301);
    fault.answer->headers.push_back({"Location", std::move(url)});
    return fault;
}

cloud_fault cloud_fault::foreign_next(std::string base)
{
    cloud_fault fault;
    fault.next_base = std::move(base);
    return fault;
}

cloud_fault cloud_fault::endless()
{
    cloud_fault fault;
    fault.is_endless = true;
    return fault;
}

bitbucket_cloud::bitbucket_cloud(now_function now, std::string workspace)
    : now_(std::move(now)),
      server_(loop_, [this](http_request request) { return handle(std::move(request)); })
{
    state_.workspace = std::move(workspace);
    for (auto const* nickname : {"ada", "grace", "lin"})
        know(nickname);
}

std::string bitbucket_cloud::url() const
{
    return server_.url();
}

std::string bitbucket_cloud::api_url() const
{
    return url() + "/2.0/";
}

cloud_rules bitbucket_cloud::rules() const
{
    std::lock_guard const lock(mutex_);
    return rules_;
}

void bitbucket_cloud::set_rules(cloud_rules rules)
{
    std::lock_guard const lock(mutex_);
    rules_ = std::move(rules);
}

void bitbucket_cloud::add_token(std::string const& token)
{
    std::lock_guard const lock(mutex_);
    credentials_[bearer(token).value].token = token;
}

void bitbucket_cloud::add_api_token(std::string const& email, std::string const& token)
{
    std::lock_guard const lock(mutex_);
    credentials_[basic(email, token).value].token = token;
}

void bitbucket_cloud::remove_credentials()
{
    std::lock_guard const lock(mutex_);
    credentials_.clear();
}

cloud_usage bitbucket_cloud::usage_of(std::string const& token) const
{
    std::lock_guard const lock(mutex_);
    for (auto const& [header, one] : credentials_)
        if (one.token == token)
        {
            auto out = one.usage;
            out.in_last_hour = simulated_cloud::requests_within_hour(one.requests, now_());
            return out;
        }
    return {};
}

void bitbucket_cloud::script(cloud_call call, std::vector<cloud_fault> faults)
{
    std::lock_guard const lock(mutex_);
    auto& waiting = faults_[call];
    waiting.insert(waiting.end(), faults.begin(), faults.end());
}

void bitbucket_cloud::unscript()
{
    std::lock_guard const lock(mutex_);
    faults_.clear();
}

void bitbucket_cloud::set_before_next_page(std::function<void()> change)
{
    std::lock_guard const lock(mutex_);
    before_next_page_ = std::move(change);
}

void bitbucket_cloud::set_before_answer(std::function<void(cloud_call)> wait)
{
    std::lock_guard const lock(mutex_);
    before_answer_ = std::move(wait);
}

std::size_t bitbucket_cloud::calls(cloud_call call) const
{
    std::lock_guard const lock(mutex_);
    auto const found = calls_.find(call);
    return found == calls_.end() ? 0 : found->second;
}

std::size_t bitbucket_cloud::calls() const
{
    std::lock_guard const lock(mutex_);
    return targets_.size();
}

std::vector<std::string> bitbucket_cloud::targets() const
{
    std::lock_guard const lock(mutex_);
    return targets_;
}

void bitbucket_cloud::add_hook(std::string url, std::string secret)
{
    std::lock_guard const lock(mutex_);
    auto const uuid = state_.fresh_uuid();
    hooks_.push_back({std::move(url), std::move(secret), uuid.substr(1, uuid.size() - 2)});
}

void bitbucket_cloud::move_hooks(std::string const& url)
{
    std::lock_guard const lock(mutex_);
    for (auto& one : hooks_)
        one.url = url;
}

std::size_t bitbucket_cloud::pending() const
{
    std::lock_guard const lock(mutex_);
    return queue_.size();
}

void bitbucket_cloud::drop_pending()
{
    std::lock_guard const lock(mutex_);
    queue_.clear();
}

std::vector<cloud_delivery> bitbucket_cloud::deliver_pending()
{
    std::vector<cloud_delivery> due;
    cloud_rules by;
    {
        std::lock_guard const lock(mutex_);
        due.swap(queue_);
        by = rules_;
    }
    due = disordered(std::move(due), by.disorder, simulated_cloud::twin_of);
    // Without the lock: whoever gets them may ask us meanwhile.
    for (auto& one : due)
        sender_.send(one, by.hooks);
    std::lock_guard const lock(mutex_);
    deliveries_.insert(deliveries_.end(), due.begin(), due.end());
    return due;
}

std::vector<cloud_delivery> bitbucket_cloud::deliveries() const
{
    std::lock_guard const lock(mutex_);
    return deliveries_;
}

simulated_cloud::state bitbucket_cloud::state() const
{
    std::lock_guard const lock(mutex_);
    return state_;
}

cloud_fault bitbucket_cloud::next_fault(cloud_call call)
{
    auto& waiting = faults_[call];
    if (waiting.empty())
        return cloud_fault::none();
    auto fault = std::move(waiting.front());
    waiting.pop_front();
    return fault;
}

}  // namespace linkspan::test
