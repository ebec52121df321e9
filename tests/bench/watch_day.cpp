#include "tests/bench/watch_day.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <queue>
#include <random>
#include <tuple>

namespace linkspan::bench
{
namespace
{

constexpr time_point midnight = from_milliseconds(1'794'960'000'000);
constexpr milliseconds work_begin{8 * 3'600'000};
constexpr milliseconds work_end{18 * 3'600'000};
constexpr milliseconds hour{3'600'000};
constexpr int quantiles = 20'000;
// A poller looks up this often whether the room has changed.
constexpr milliseconds reconsider_after{5'000};

double share_at(std::vector<double> values, double share)
{
    if (values.empty())
        return 0;
    auto const rank = std::ceil(share * static_cast<double>(values.size())) - 1;
    auto const index = static_cast<std::size_t>(std::max(rank, 0.0));
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(index));
    return values[index];
}

delays delays_from(std::vector<double> const& seconds)
{
    return {share_at(seconds, 0.5), share_at(seconds, 0.95)};
}

double in_seconds(milliseconds of)
{
    return static_cast<double>(of.count()) / 1'000;
}

// The same numbers with every compiler.
class dice
{
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    double next() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

private:
    std::mt19937_64 engine_;
};

struct comment
{
    int pull_request = 0;
    time_point created_at;
    bool is_told = true;  // its delivery came
    std::vector<time_point> edits;
};

std::vector<comment> comments_of(day_load const& load)
{
    dice random(load.seed);
    std::vector<comment> out;
    for (int number = 0; number < load.pull_requests; ++number)
    {
        auto at = midnight + work_begin;
        for (;;)
        {
            auto const wait = -std::log(1 - random.next()) / load.comments_per_hour;
            at += milliseconds(std::llround(wait * static_cast<double>(hour.count())));
            if (at >= midnight + work_end)
                break;
            comment one;
            one.pull_request = number;
            one.created_at = at;
            one.is_told = random.next() >= load.lost_share;
            for (auto last = at; random.next() < load.edited_share;)
                one.edits.push_back(last += edit_age(random.next()));
            out.push_back(std::move(one));
        }
    }
    std::ranges::sort(out, {}, &comment::created_at);
    return out;
}

// The service: what it counts, and what it refuses.
class service
{
public:
    bool takes(time_point now)
    {
        while (!taken_.empty() && taken_.front() <= now - hour)
            taken_.pop_front();
        if (taken_.size() >= static_cast<std::size_t>(repositories_per_hour))
        {
            ++refused_;
            return false;
        }
        taken_.push_back(now);
        ++of_hour_[(now - midnight) / hour];
        ++requests_;
        return true;
    }

    void report(day_figures& into) const
    {
        into.requests = requests_;
        into.refused = refused_;
        into.hour_min = requests_;
        for (auto slot = work_begin / hour + 1; slot < work_end / hour; ++slot)
        {
            auto const found = of_hour_.find(slot);
            auto const count = found == of_hour_.end() ? 0LL : found->second;
            into.hour_min = std::min(into.hour_min, count);
            into.hour_max = std::max(into.hour_max, count);
        }
    }

private:
    std::deque<time_point> taken_;
    std::map<std::int64_t, long long> of_hour_;
    long long requests_ = 0;
    long long refused_ = 0;
};

day_figures figures_of(std::vector<comment> const& comments)
{
    day_figures out;
    out.comments = static_cast<long long>(comments.size());
    for (auto const& one : comments)
        out.edits += static_cast<long long>(one.edits.size());
    return out;
}

void report_found(day_figures& into, std::vector<double> const& found, long long watched_comments)
{
    into.delay = delays_from(found);
    into.found_share =
        static_cast<double>(found.size()) / static_cast<double>(std::max<long long>(into.edits, 1));
    into.requests_per_comment =
        static_cast<double>(into.requests) / static_cast<double>(std::max<long long>(watched_comments, 1));
}

// Watching as it is to be: one schedule for each pull request, one budget for all.
class watched
{
public:
    watched(day_load const& load, std::vector<comment> const& comments)
        : comments_(comments),
          budget_(fresh_budget(resource_class::repositories, midnight)),
          of_pull_request_(static_cast<std::size_t>(load.pull_requests))
    {
        for (std::size_t i = 0; i < comments.size(); ++i)
        {
            auto& pull_request = of_pull_request_[static_cast<std::size_t>(comments[i].pull_request)];
            pull_request.news.emplace_back(comments[i].created_at, true);
            for (auto const edit : comments[i].edits)
                pull_request.news.emplace_back(edit, false);
            if (comments[i].is_told)
                wakes_.emplace(
                    comments[i].created_at, comments[i].created_at, comments[i].pull_request, true
                );
        }
        for (auto& one : of_pull_request_)
            std::ranges::sort(one.news);
    }

    day_figures run()
    {
        while (!wakes_.empty())
        {
            auto const [now, wanted_at, number, is_comment] = wakes_.top();
            wakes_.pop();
            auto& pull_request = of_pull_request_[static_cast<std::size_t>(number)];
            if (is_comment)
            {
                if (!pull_request.state)
                {
                    ++active_;
                    pull_request.skip_until(now);
                }
                pull_request.state = after_change(pull_request.state, now, now);
                if (pull_request.wakes == 0)
                    wake(number, now, now);
                continue;
            }
            --pull_request.wakes;
            look_or_wait(pull_request, number, now);
        }
        return report();
    }

private:
    struct pull_request
    {
        std::optional<watch> state;
        std::vector<std::pair<time_point, bool>> news;  // in order; whether it is a comment
        std::size_t seen = 0;
        int wakes = 0;
        long long requests = 0;
        long long watched_comments = 0;

        // What was before the watch is for catch-up to find.
        void skip_until(time_point begin)
        {
            while (seen < news.size() && news[seen].first < begin)
                ++seen;
        }
    };

    void wake(int number, time_point at, time_point wanted_at)
    {
        ++of_pull_request_[static_cast<std::size_t>(number)].wakes;
        wakes_.emplace(at, wanted_at, number, false);
    }

    void look_or_wait(pull_request& of, int number, time_point now)
    {
        if (!of.state)
            return;
        auto const next = next_look(*of.state, room(budget_, active_, now), now);
        if (!next)
        {
            of.state.reset();
            --active_;
            return;
        }
        if (next->due_at > now)
        {
            wake(number, std::min(next->due_at, now + reconsider_after), next->due_at);
            return;
        }
        auto const answer = admit(budget_, priority::watching, next->with_tasks ? 2 : 1, now);
        if (!answer.is_granted)
        {
            wake(number, answer.ask_again_at, next->due_at);
            return;
        }
        rate_answer heard;
        for (int i = 0; i < (next->with_tasks ? 2 : 1); ++i)
            heard.is_refused = !server_.takes(now) || heard.is_refused;
        hear(budget_, heard, now);
        of.requests += next->with_tasks ? 2 : 1;
        stretches_.push_back(next->stretch);
        of.state = after_look(*of.state, next->with_tasks, now, now);
        if (!heard.is_refused)
            see(of, now);
        wake(number, now, now);
    }

    void see(pull_request& of, time_point now)
    {
        for (; of.seen < of.news.size() && of.news[of.seen].first <= now; ++of.seen)
        {
            auto const [at, is_comment] = of.news[of.seen];
            if (is_comment)
                ++of.watched_comments;
            else
                found_.push_back(in_seconds(now - at));
            of.state = after_change(of.state, at, now);
        }
    }

    day_figures report()
    {
        auto out = figures_of(comments_);
        server_.report(out);
        long long watched_comments = 0;
        std::vector<double> requests;
        for (auto const& one : of_pull_request_)
        {
            watched_comments += one.watched_comments;
            requests.push_back(static_cast<double>(one.requests));
        }
        report_found(out, found_, watched_comments);
        out.stretch_p10 = share_at(stretches_, 0.1);
        out.stretch_p50 = share_at(stretches_, 0.5);
        out.stretch_p90 = share_at(stretches_, 0.9);
        out.requests_p10 = std::llround(share_at(requests, 0.1));
        out.requests_p90 = std::llround(share_at(requests, 0.9));
        return out;
    }

    // When, since when it is wanted, which pull request, whether a comment was told. Who waits longest is
    // first.
    using wake_row = std::tuple<time_point, time_point, int, bool>;

    std::vector<comment> const& comments_;
    budget budget_;
    service server_;
    std::vector<pull_request> of_pull_request_;
    std::priority_queue<wake_row, std::vector<wake_row>, std::greater<>> wakes_;
    std::vector<double> found_;
    std::vector<double> stretches_;
    int active_ = 0;
};

}  // namespace

milliseconds edit_age(double quantile)
{
    struct span
    {
        double share, begin, end;  // seconds
    };
    constexpr std::array spans = {span{0.5, 0, 60}, span{0.3, 60, 240}, span{0.2, 240, 600}};
    for (auto const& one : spans)
    {
        if (quantile < one.share)
            return milliseconds(
                std::llround(1'000 * (one.begin + quantile / one.share * (one.end - one.begin)))
            );
        quantile -= one.share;
    }
    return watch_window;
}

look_ages fixed_looks(milliseconds interval)
{
    look_ages out;
    for (auto age = interval;; age += interval)
    {
        out.push_back(age);
        // The interval is cut to milliseconds: the last look stands a little before the end.
        if (age + milliseconds(1'000) >= watch_end)
            return out;
    }
}

look_ages peer_looks()
{
    look_ages out;
    for (auto age = peer_interval; age <= peer_end; age += peer_interval)
        out.push_back(age);
    return out;
}

delays delays_of_edits(look_ages const& looks)
{
    std::vector<double> out;
    for (int i = 0; i < quantiles; ++i)
    {
        auto const age = edit_age((i + 0.5) / quantiles);
        auto const found = std::ranges::lower_bound(looks, age);
        if (found != looks.end())
            out.push_back(in_seconds(*found - age));
    }
    return delays_from(out);
}

lone_watch lone_comment(double room)
{
    lone_watch out;
    auto state = after_change(std::nullopt, midnight, midnight);
    auto now = midnight;
    while (auto const next = next_look(state, room, now))
    {
        now = next->due_at;
        out.looks.push_back(now - midnight);
        out.requests += next->with_tasks ? 2 : 1;
        state = after_look(state, next->with_tasks, now, now);
    }
    return out;
}

int requests_of_burst(int comments, milliseconds spread)
{
    std::optional<watch> state;
    auto now = midnight;
    int requests = 0;
    for (int sent = 0;;)
    {
        auto const comes_at = midnight + spread * sent / comments;
        auto const next = state ? next_look(*state, 1, now) : std::nullopt;
        if (sent < comments && (!next || comes_at <= next->due_at))
        {
            now = std::max(now, comes_at);
            state = after_change(state, now, now);
            ++sent;
            continue;
        }
        if (!next)
            return requests;
        now = std::max(now, next->due_at);
        requests += next->with_tasks ? 2 : 1;
        state = after_look(*state, next->with_tasks, now, now);
    }
}

day_figures watched_day(day_load const& load)
{
    auto const comments = comments_of(load);
    return watched(load, comments).run();
}

day_figures peer_day(day_load const& load)
{
    auto const comments = comments_of(load);
    dice random(load.seed + 1);
    struct asker
    {
        comment const* of;
        std::size_t seen;
        time_point end;
    };
    std::vector<asker> askers;
    using wake_row = std::pair<time_point, std::size_t>;
    std::priority_queue<wake_row, std::vector<wake_row>, std::greater<>> wakes;
    for (auto const& one : comments)
        if (one.is_told)
        {
            auto const phase = std::llround(random.next() * static_cast<double>(peer_interval.count()));
            wakes.emplace(one.created_at + milliseconds(phase), askers.size());
            askers.push_back({&one, 0, one.created_at + peer_end});
        }
    service server;
    std::vector<double> found;
    while (!wakes.empty())
    {
        auto const [now, index] = wakes.top();
        wakes.pop();
        auto& one = askers[index];
        if (now > one.end)
            continue;
        if (server.takes(now))
            for (; one.seen < one.of->edits.size() && one.of->edits[one.seen] <= now; ++one.seen)
            {
                found.push_back(in_seconds(now - one.of->edits[one.seen]));
                one.end = now + peer_end;
            }
        wakes.emplace(now + peer_interval, index);
    }
    auto out = figures_of(comments);
    server.report(out);
    report_found(out, found, static_cast<long long>(askers.size()));
    return out;
}

}  // namespace linkspan::bench
