#pragma once
#include "core/bitbucket/digest.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace linkspan
{

// What the store remembers between deliveries, in memory: for `linkspan parse`, tests and benchmarks. Takes
// deliveries in any order and as often as they come.
class event_memory
{
public:
    // The events of one reading that are new, in order; the same keys are never given twice.
    std::vector<event> take(reading const& said, digest_context const& context);

    // Null where nothing is known of that pull request.
    pull_request_snapshot const* snapshot_of(
        std::string_view instance, std::string_view repository, std::int64_t pull_request
    ) const;

    // Null where nothing is known of that comment.
    comment_snapshot const* comment_of(
        std::string_view instance,
        std::string_view repository,
        std::int64_t pull_request,
        std::int64_t comment
    ) const;

private:
    using pull_request_id = std::tuple<std::string, std::string, std::int64_t>;  // instance, repository

    known_state known_about(std::string const& instance, reading const& said) const;
    void add_heads(std::string const& instance, reading const& said, known_state& out) const;
    void remember(pull_request_id const& id, digested made);

    std::map<pull_request_id, pull_request_snapshot> snapshots_;
    std::map<std::pair<pull_request_id, std::int64_t>, comment_snapshot> comments_;
    // Every commit that ever was a head, by the length that Cloud cuts hashes to.
    std::map<std::pair<std::string, std::string>, std::set<pull_request_id>> heads_;
    std::map<
        std::tuple<std::string, std::string, std::string, std::string>,
        std::pair<build_state, time_point>>
        results_;                                          // instance, repository, scope, key
    std::map<std::string, time_point, std::less<>> keys_;  // and when it happened
};

}  // namespace linkspan
