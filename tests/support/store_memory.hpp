#pragma once
#include "core/bitbucket/digest.hpp"
#include "tests/support/scratch_store.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// What event_memory does, in a real store and by the steps of the digest loop. A store that fails fails the
// test.
class store_memory
{
public:
    // The events of one reading that are new, in order.
    std::vector<event> take(reading const& said, digest_context const& context);

    // Nothing where nothing is known of them.
    std::optional<pull_request_snapshot> snapshot_of(
        std::string_view instance, std::string_view repository, std::int64_t pull_request
    );
    std::optional<comment_snapshot> comment_of(
        std::string_view instance,
        std::string_view repository,
        std::int64_t pull_request,
        std::int64_t comment
    );

private:
    known_state known(
        std::string_view instance,
        std::string_view repository,
        std::int64_t pull_request,
        std::optional<std::int64_t> comment
    );

    scratch_store store_;
    std::int64_t made_ = 0;
};

}  // namespace linkspan::test
