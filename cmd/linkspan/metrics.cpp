#include "cmd/linkspan/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <map>
#include <set>

namespace linkspan
{
namespace
{

template <class Builder>
auto& family(prometheus::Registry& registry, Builder builder, char const* name, char const* help)
{
    return builder.Name(name).Help(help).Register(registry);
}

// The counters of one label. A counter is looked up by a hash of its labels, which costs more than to count:
// so each is looked up once.
class counters
{
public:
    counters(prometheus::Family<prometheus::Counter>& of, char const* label) : family_(of), label_(label) {}

    void count(std::string_view value)
    {
        auto found = known_.find(value);
        if (found == known_.end())
            found = known_.emplace(value, &family_.Add({{label_, std::string(value)}})).first;
        found->second->Increment();
    }

private:
    prometheus::Family<prometheus::Counter>& family_;
    char const* label_;
    std::map<std::string, prometheus::Counter*, std::less<>> known_;
};

// The gauges of things that come and go: each reading replaces all of the one before.
class passing_gauges
{
public:
    explicit passing_gauges(prometheus::Family<prometheus::Gauge>& of) : family_(of) {}

    void clear()
    {
        for (auto* gauge : known_)
            family_.Remove(gauge);
        known_.clear();
    }

    void set(prometheus::Labels const& labels, double value)
    {
        auto& gauge = family_.Add(labels);
        known_.insert(&gauge);
        gauge.Set(value);
    }

private:
    prometheus::Family<prometheus::Gauge>& family_;
    std::set<prometheus::Gauge*> known_;
};

// What is counted for each repository, of the first counted_repositories_max; all others are one.
template <class Metric>
class by_repository
{
public:
    explicit by_repository(prometheus::Family<Metric>& of) : family_(of) {}

    Metric& of(metrics::event_source const& source, prometheus::Labels labels)
    {
        auto key = std::pair(source.instance, source.repository);
        if (!known_.contains(key))
        {
            if (known_.size() < counted_repositories_max)
                known_.insert(key);
            else
                key = {};
        }
        labels.emplace("instance", key.first);
        labels.emplace("repository", key.second);
        return family_.Add(labels);
    }

private:
    prometheus::Family<Metric>& family_;
    std::set<std::pair<std::string, std::string>> known_;
};

double seconds_since(std::optional<time_point> then, time_point now)
{
    return then ? std::chrono::duration<double>(now - *then).count() : 0.0;
}

}  // namespace

struct metrics::families
{
    prometheus::Registry registry;
    counters received{
        family(
            registry,
            prometheus::BuildCounter(),
            "linkspan_webhooks_received_total",
            "Requests to /webhook by result."
        ),
        "result"};
    counters digested{
        family(
            registry,
            prometheus::BuildCounter(),
            "linkspan_inbox_digested_total",
            "Deliveries taken from the inbox by result."
        ),
        "result"};
    counters missed{
        family(
            registry,
            prometheus::BuildCounter(),
            "linkspan_missed_webhooks_total",
            "Events that a webhook should have told, by what found them."
        ),
        "by"};
    by_repository<prometheus::Counter> sources{family(
        registry,
        prometheus::BuildCounter(),
        "linkspan_repository_events_total",
        "New events of a repository by the way they came."
    )};
    by_repository<prometheus::Gauge> lateness{family(
        registry,
        prometheus::BuildGauge(),
        "linkspan_missed_webhook_lateness_seconds",
        "How late the last event was known that a webhook should have told."
    )};
    counters events{
        family(registry, prometheus::BuildCounter(), "linkspan_events_total", "New events by kind."), "kind"};
    prometheus::Family<prometheus::Counter>& attempts = family(
        registry,
        prometheus::BuildCounter(),
        "linkspan_delivery_attempts_total",
        "Attempts to send a message by destination and outcome."
    );
    prometheus::Family<prometheus::Counter>& enrichments = family(
        registry,
        prometheus::BuildCounter(),
        "linkspan_enrichments_total",
        "Events whose messages waited for what the API was asked, by fact and result."
    );
    counters refreshes{
        family(
            registry,
            prometheus::BuildCounter(),
            "linkspan_token_refreshes_total",
            "Refreshes of links' tokens by result."
        ),
        "result"};
    prometheus::Histogram& commits =
        family(
            registry,
            prometheus::BuildHistogram(),
            "linkspan_store_commit_writes",
            "Writes that shared one commit."
        )
            .Add({}, prometheus::Histogram::BucketBoundaries{1, 2, 4, 8, 16, 32, 64, 128, 256});
    prometheus::Family<prometheus::Gauge>& inbox = family(
        registry, prometheus::BuildGauge(), "linkspan_inbox_deliveries", "Deliveries in the inbox by state."
    );
    prometheus::Gauge& inbox_pending = inbox.Add({{"state", "pending"}});
    prometheus::Gauge& inbox_unrecognised = inbox.Add({{"state", "unrecognised"}});
    prometheus::Gauge& inbox_unreadable = inbox.Add({{"state", "unreadable"}});
    prometheus::Family<prometheus::Gauge>& deliveries = family(
        registry,
        prometheus::BuildGauge(),
        "linkspan_deliveries",
        "Messages that are not delivered, by state."
    );
    prometheus::Gauge& pending = deliveries.Add({{"state", "pending"}});
    prometheus::Gauge& waiting = deliveries.Add({{"state", "waiting"}});
    prometheus::Gauge& dead = deliveries.Add({{"state", "dead"}});
    prometheus::Gauge& oldest = family(
                                    registry,
                                    prometheus::BuildGauge(),
                                    "linkspan_oldest_undelivered_seconds",
                                    "Age of the oldest delivery or message that waits; 0 when none does."
    )
                                    .Add({});
    prometheus::Gauge& held = family(
                                  registry,
                                  prometheus::BuildGauge(),
                                  "linkspan_held_destinations",
                                  "Destinations that wait for a person."
    )
                                  .Add({});
    prometheus::Gauge& needs_reauth = family(
                                          registry,
                                          prometheus::BuildGauge(),
                                          "linkspan_links_needing_reauth",
                                          "Links whose tokens only a person can get again."
    )
                                          .Add({});
    prometheus::Gauge& queued = family(
                                    registry,
                                    prometheus::BuildGauge(),
                                    "linkspan_store_queued_writes",
                                    "Writes that wait for a commit."
    )
                                    .Add({});
    prometheus::Gauge& connections = family(
                                         registry,
                                         prometheus::BuildGauge(),
                                         "linkspan_http_connections",
                                         "Open connections of the public listener."
    )
                                         .Add({});
    prometheus::Gauge& watches = family(
                                     registry,
                                     prometheus::BuildGauge(),
                                     "linkspan_watches",
                                     "Pull requests that are asked about for a while."
    )
                                     .Add({});
    prometheus::Gauge& api_tasks = family(
                                       registry,
                                       prometheus::BuildGauge(),
                                       "linkspan_api_tasks",
                                       "Looks and catch-ups that are under way."
    )
                                       .Add({});
    passing_gauges budget_limits{family(
        registry,
        prometheus::BuildGauge(),
        "linkspan_api_budget_limit",
        "Requests that a link may make of Bitbucket's REST API."
    )};
    passing_gauges budget_spent{family(
        registry, prometheus::BuildGauge(), "linkspan_api_budget_spent", "Of these, what counts as spent now."
    )};

    void set_budgets(std::vector<budget_reading> const& now)
    {
        budget_limits.clear();
        budget_spent.clear();
        for (auto const& one : now)
        {
            prometheus::Labels const labels{{"link", one.link}, {"resource", std::string(one.resource)}};
            budget_limits.set(labels, one.limit);
            budget_spent.set(labels, one.spent);
        }
    }
};

metrics::metrics() : families_(std::make_unique<families>()) {}

metrics::~metrics() = default;

void metrics::count_received(std::string_view result)
{
    families_->received.count(result);
}

void metrics::count_digested(std::string_view result)
{
    families_->digested.count(result);
}

void metrics::count_missed(std::string_view by)
{
    families_->missed.count(by);
}

void metrics::count_source(event_source const& of, std::string_view origin)
{
    families_->sources.of(of, {{"origin", std::string(origin)}}).Increment();
}

void metrics::tell_lateness(event_source const& of, milliseconds late)
{
    families_->lateness.of(of, {}).Set(std::chrono::duration<double>(late).count());
}

void metrics::count_event(std::string_view kind)
{
    families_->events.count(kind);
}

void metrics::count_attempt(std::string_view destination, outcome_kind result)
{
    families_->attempts
        .Add({{"destination", std::string(destination)}, {"outcome", std::string(name_of(result))}})
        .Increment();
}

void metrics::count_enrichment(std::string_view fact, bool is_known)
{
    families_->enrichments.Add({{"fact", std::string(fact)}, {"result", is_known ? "known" : "missing"}}
    ).Increment();
}

void metrics::count_refresh(std::string_view result)
{
    families_->refreshes.count(result);
}

void metrics::observe_commit(std::size_t writes)
{
    families_->commits.Observe(static_cast<double>(writes));
}

std::string metrics::to_text(readings const& now)
{
    auto const set = [](prometheus::Gauge& gauge, auto value) { gauge.Set(static_cast<double>(value)); };
    set(families_->inbox_pending, now.inbox.pending);
    set(families_->inbox_unrecognised, now.inbox.unrecognised);
    set(families_->inbox_unreadable, now.inbox.unreadable);
    set(families_->pending, now.deliveries.pending);
    set(families_->waiting, now.deliveries.waiting);
    set(families_->dead, now.deliveries.dead);
    set(families_->held, now.held_destinations);
    set(families_->needs_reauth, now.links_needing_reauth);
    set(families_->queued, now.queued_writes);
    set(families_->connections, now.connections);
    set(families_->watches, now.watches);
    set(families_->api_tasks, static_cast<std::int64_t>(now.api_tasks));
    families_->set_budgets(now.budgets);
    families_->oldest.Set(
        std::max(seconds_since(now.inbox.oldest, now.now), seconds_since(now.deliveries.oldest, now.now))
    );
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace linkspan
