#pragma once
#include "core/delivery/outcome.hpp"
#include "store/deliveries.hpp"
#include "store/inbox.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Each has a few lines in every scrape.
inline constexpr std::size_t counted_repositories_max = 1'000;

// What the program counts; docs/reference/metrics.md lists every family. All families are made at start. Used
// on the loop's thread.
class metrics
{
public:
    metrics();
    ~metrics();
    metrics(metrics const&) = delete;
    metrics& operator=(metrics const&) = delete;

    // A request to /webhook: "accepted", "repeated", "ping", "unsigned", "bad_signature", "unknown_link",
    // "too_large", "unavailable", "refused".
    void count_received(std::string_view result);
    void count_digested(std::string_view result);  // "digested", "unrecognised", "unreadable", "failed"
    void count_event(std::string_view kind);
    // An event that a webhook should have told, found by "watching" or "catch_up".
    void count_missed(std::string_view by);

    struct event_source
    {
        std::string instance;
        std::string repository;  // full name; of more than counted_repositories_max those that came late: ""
    };
    // By which way an event came: name_of(event_origin).
    void count_source(event_source const& of, std::string_view origin);
    // How late the last event was known that a webhook should have told.
    void tell_lateness(event_source const& of, milliseconds late);
    // What messages waited for: "changed_paths", "commits"; whether it was had when they were decided.
    void count_enrichment(std::string_view fact, bool is_known);
    void count_attempt(std::string_view destination, outcome_kind result);
    void count_refresh(std::string_view result);  // "refreshed", "failed", "needs_reauth"
    void observe_commit(std::size_t writes);

    struct budget_reading
    {
        std::string link;  // as people call it
        std::string_view resource;
        int limit = 0;
        int spent = 0;
    };

    struct readings
    {
        inbox_depth inbox;
        delivery_depth deliveries;
        std::size_t held_destinations = 0;
        std::size_t links_needing_reauth = 0;
        std::size_t queued_writes = 0;
        std::size_t connections = 0;
        std::int64_t watches = 0;
        std::size_t api_tasks = 0;
        std::vector<budget_reading> budgets;
        time_point now;
    };

    // Prometheus' text format 0.0.4.
    std::string to_text(readings const& now);

private:
    struct families;
    std::unique_ptr<families> families_;
};

}  // namespace linkspan
