#include "tests/simulators/bitbucket_data_center.hpp"

#include "links/net/hmac.hpp"
#include "links/net/rest.hpp"
#include "links/net/sha256.hpp"
#include "tests/support/run_loop.hpp"

#include <algorithm>

namespace linkspan::test
{

bitbucket_data_center::bitbucket_data_center(now_function now, std::string project)
    : now_(std::move(now)),
      server_(loop_, [this](http_request request) { return handle(std::move(request)); })
{
    state_.project = std::move(project);
    for (auto const* login : {"ada", "grace", "lin"})
        know(login);
}

std::string bitbucket_data_center::url() const
{
    return server_.url() + "/";
}

center_rules bitbucket_data_center::rules() const
{
    std::lock_guard const lock(mutex_);
    return rules_;
}

void bitbucket_data_center::set_rules(center_rules rules)
{
    std::lock_guard const lock(mutex_);
    rules_ = std::move(rules);
}

void bitbucket_data_center::add_token(std::string const& token)
{
    std::lock_guard const lock(mutex_);
    auto& one = buckets_[bearer(token).value];
    one.tokens = rules_.bucket_size;
    one.filled_at = now_();
}

void bitbucket_data_center::remove_credentials()
{
    std::lock_guard const lock(mutex_);
    buckets_.clear();
}

std::int64_t bitbucket_data_center::refused_requests() const
{
    std::lock_guard const lock(mutex_);
    return refused_;
}

void bitbucket_data_center::script(std::vector<http_response> answers)
{
    std::lock_guard const lock(mutex_);
    scripted_.insert(scripted_.end(), answers.begin(), answers.end());
}

void bitbucket_data_center::set_before_answer(std::function<void(std::string const&)> wait)
{
    std::lock_guard const lock(mutex_);
    before_answer_ = std::move(wait);
}

std::size_t bitbucket_data_center::calls(std::string const& resource) const
{
    std::lock_guard const lock(mutex_);
    auto const found = calls_.find(resource);
    return found == calls_.end() ? 0 : found->second;
}

std::vector<std::string> bitbucket_data_center::targets() const
{
    std::lock_guard const lock(mutex_);
    return targets_;
}

std::int64_t bitbucket_data_center::add_hook(std::string url, std::string secret)
{
    std::lock_guard const lock(mutex_);
    auto const id = ++state_.last_thing;
    auto& one = hooks_[id];
    one.id = id;
    one.url = std::move(url);
    one.secret = std::move(secret);
    return id;
}

void bitbucket_data_center::move_hook(std::int64_t hook, std::string url)
{
    std::lock_guard const lock(mutex_);
    hooks_.at(hook).url = std::move(url);
}

void bitbucket_data_center::set_active(std::int64_t hook, bool is_active)
{
    std::lock_guard const lock(mutex_);
    hooks_.at(hook).is_active = is_active;
}

void bitbucket_data_center::remove_hook(std::int64_t hook)
{
    std::lock_guard const lock(mutex_);
    hooks_.erase(hook);
    std::erase_if(queue_, [&](center_delivery const& one) { return one.hook == hook; });
}

std::optional<time_point> bitbucket_data_center::silent_until(std::int64_t hook) const
{
    std::lock_guard const lock(mutex_);
    return hooks_.at(hook).silent_until;
}

std::size_t bitbucket_data_center::pending() const
{
    std::lock_guard const lock(mutex_);
    return queue_.size();
}

void bitbucket_data_center::drop_pending()
{
    std::lock_guard const lock(mutex_);
    queue_.clear();
}

simulated_center::state bitbucket_data_center::state() const
{
    std::lock_guard const lock(mutex_);
    return state_;
}

std::vector<center_delivery> bitbucket_data_center::deliver_pending()
{
    std::vector<center_delivery> due;
    hook_disorder by;
    {
        std::lock_guard const lock(mutex_);
        due.swap(queue_);
        by = rules_.disorder;
    }
    auto const twin_of = [](center_delivery one)
    {
        std::ranges::reverse(one.request_id);
        return one;
    };
    due = disordered(std::move(due), by, twin_of);
    for (auto& one : due)
        if (one.fate == hook_fate::pending)
            settle(one);
    return due;
}

// Without the lock while it is sent: whoever gets it may ask us meanwhile. A hook is silent or not at the
// moment when the delivery was made.
void bitbucket_data_center::settle(center_delivery& one)
{
    simulated_center::hook to;
    center_rules by;
    {
        std::lock_guard const lock(mutex_);
        to = hooks_.at(one.hook);
        by = rules_;
    }
    one.fate = hook_fate::skipped;
    if (!to.is_active || (to.silent_until && one.made_at < *to.silent_until))
        return;
    http_request request("POST", to.url);
    request.headers = {
        {"User-Agent", "Atlassian HttpClient 2.1.5 / Bitbucket-9.5.2 (9005002) / Default"},
        {"Content-Type", "application/json; charset=utf-8"},
        {"X-Event-Key", one.event_key},
        {"X-Request-Id", one.request_id}};
    if (!to.secret.empty())
        request.headers.push_back(
            {"X-Hub-Signature", "sha256=" + to_hex(hmac_sha256(secret(to.secret), one.body))}
        );
    request.body = one.body;
    exchange_options options;
    options.timeout = by.patience;
    options.connect_timeout = by.patience;
    options.is_alone = true;
    auto const ended = run(hook_loop_, hook_client_.send(std::move(request), options));
    one.status = ended.fate == exchange_fate::answered ? ended.response.status : 0;
    bool const is_accepted = one.status >= 200 && one.status < 300;
    one.fate = is_accepted                            ? hook_fate::accepted
               : one.status == 0 || one.status >= 500 ? hook_fate::failed
                                                      : hook_fate::refused;
    std::lock_guard const lock(mutex_);
    auto& told = hooks_.at(one.hook);
    ++(is_accepted ? told.successes_told : told.failures_told);
    (is_accepted ? told.succeeded_at : told.failed_at) = one.made_at;
    told.failures = is_accepted ? 0 : told.failures + 1;
    told.silent_until.reset();
    if (told.failures < by.failures_max)
        return;
    auto silence = by.first_silence;
    for (int i = by.failures_max; i < told.failures && silence < by.silence_max; ++i)
        silence *= 2;
    told.silent_until = one.made_at + std::min(silence, by.silence_max);
}

}  // namespace linkspan::test
