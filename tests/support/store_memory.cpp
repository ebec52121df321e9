#include "tests/support/store_memory.hpp"

#include "store/event_core.hpp"
#include "store/events.hpp"

namespace linkspan::test
{

std::vector<event> store_memory::take(reading const& said, digest_context const& context)
{
    auto const digested = [&](transaction& tx) -> result<std::vector<event>>
    {
        auto const known = known_about(tx, context.instance, said);
        if (!known)
            return known.error();
        auto made = digest(said, *known, context);
        std::vector<event> out;
        for (auto& happening : made.events)
        {
            happening.id = event_id("01930000-0000-7000-8000-" + std::to_string(100'000'000'000 + ++made_));
            auto const stored = insert_event(tx, happening);
            if (!stored)
                return stored.error();
            if (*stored)
                out.push_back(happening);
        }
        if (auto const done = remember(tx, context.instance, said, *known, made); !done)
            return done.error();
        return out;
    };
    return store_.tell(digested).value();
}

std::optional<pull_request_snapshot> store_memory::snapshot_of(
    std::string_view instance, std::string_view repository, std::int64_t pull_request
)
{
    return known(instance, repository, pull_request, std::nullopt).snapshot;
}

std::optional<comment_snapshot> store_memory::comment_of(
    std::string_view instance, std::string_view repository, std::int64_t pull_request, std::int64_t comment
)
{
    return known(instance, repository, pull_request, comment).comment;
}

known_state store_memory::known(
    std::string_view instance,
    std::string_view repository,
    std::int64_t pull_request,
    std::optional<std::int64_t> comment
)
{
    reading asked;
    asked.repository.emplace().id = repository;
    asked.pull_request.emplace().id = pull_request;
    if (comment)
        asked.comment.emplace().comment.id = *comment;
    return store_.tell([&](transaction& tx) { return known_about(tx, instance, asked); }).value();
}

}  // namespace linkspan::test
