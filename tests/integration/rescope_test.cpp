#include "store/event_core.hpp"
#include "store/events.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

// A push to the target of many pull requests: Bitbucket sends a delivery for each of them, in which nothing
// but the target's commit has moved.

namespace linkspan::test
{
namespace
{

constexpr int pull_requests = 30;

class rescope : public testing::Test
{
protected:
    std::size_t take(edition on, std::string key, std::string const& body)
    {
        inbound delivery;
        delivery.edition = on;
        delivery.event_key = std::move(key);
        delivery.body = body;
        auto const said = read_delivery(delivery).value();
        auto const digest_all = [&](transaction& tx) -> result<std::size_t>
        {
            digest_context context;
            context.edition = on;
            context.instance = "bitbucket";
            context.received_at = tx.now();
            auto const known = known_about(tx, context.instance, said);
            if (!known)
                return known.error();
            auto made = digest(said, *known, context);
            for (auto& happened : made.events)
            {
                happened.id = event_id(std::to_string(++events_));
                if (auto const done = insert_event(tx, happened); !done)
                    return done.error();
            }
            if (auto const done = remember(tx, context.instance, said, *known, made); !done)
                return done.error();
            return made.events.size();
        };
        return store_.tell(digest_all).value();
    }

    std::int64_t snapshots_at(std::string const& target_commit)
    {
        return store_.count(("SELECT count(*) FROM snapshot WHERE json ->> '$.state.target.commit' = '" +
                             target_commit + "'")
                                .c_str());
    }

    scratch_store store_;
    int events_ = 0;
};

std::string cloud_body(int id, std::string const& target_commit, std::string const& updated)
{
    return R"({"repository":{"uuid":"{r}","full_name":"acme/api"},"pullrequest":{"id":)" +
           std::to_string(id) +
           R"(,"title":"Limits","description":"Ten.","state":"OPEN","draft":false,"source":{"branch":{"name":)"
           R"("limits"},"commit":{"hash":"aaaaaaaaaaaa"}},"destination":{"branch":{"name":"main"},"commit":)"
           R"({"hash":")" +
           target_commit + R"("}},"participants":[],"reviewers":[],"updated_on":")" + updated + R"("}})";
}

std::string data_center_body(int id, std::string const& target_commit, int version, std::string const& more)
{
    auto const repository = R"("repository":{"id":12,"slug":"api","project":{"key":"CORE"}})";
    return R"({"date":"2026-11-20T10:00:0)" + std::to_string(version) +
           R"(+0000","actor":{"id":1,"name":"ada","displayName":"Ada"},"pullRequest":{"id":)" +
           std::to_string(id) + R"(,"version":)" + std::to_string(version) +
           R"(,"title":"Limits","state":"OPEN","reviewers":[],"participants":[],"fromRef":{"displayId":)"
           R"("limits","latestCommit":"aaaaaaaaaaaa",)" +
           repository + R"(},"toRef":{"displayId":"main","latestCommit":")" + target_commit + "\"," +
           repository + "}}" + more + "}";
}

TEST_F(rescope, of_thirty_pull_requests_in_cloud_is_no_event)
{
    for (int id = 1; id <= pull_requests; ++id)
        EXPECT_EQ(
            take(
                edition::cloud, "pullrequest:created", cloud_body(id, "bbbbbbbbbbbb", "2026-11-20T09:00:00Z")
            ),
            1u
        );
    std::size_t told = 0;
    for (int id = 1; id <= pull_requests; ++id)
        told += take(
            edition::cloud, "pullrequest:updated", cloud_body(id, "cccccccccccc", "2026-11-20T10:00:00Z")
        );
    EXPECT_EQ(told, 0u);
    EXPECT_EQ(store_.count("SELECT count(*) FROM event"), pull_requests);
    EXPECT_EQ(snapshots_at("cccccccccccc"), pull_requests) << "and is remembered all the same";
}

TEST_F(rescope, of_thirty_pull_requests_in_data_center_is_no_event)
{
    for (int id = 1; id <= pull_requests; ++id)
        EXPECT_EQ(take(edition::data_center, "pr:opened", data_center_body(id, "bbbbbbbbbbbb", 0, "")), 1u);
    // What was the target before has the same branch.
    std::string const before =
        R"(,"previousTitle":"Limits","previousDescription":null,"previousTarget":{"displayId":"main",)"
        R"("latestCommit":"bbbbbbbbbbbb"})";
    std::size_t told = 0;
    for (int id = 1; id <= pull_requests; ++id)
    {
        told += take(edition::data_center, "pr:to_ref_updated", data_center_body(id, "cccccccccccc", 1, ""));
        told += take(edition::data_center, "pr:modified", data_center_body(id, "dddddddddddd", 2, before));
        told += take(edition::data_center, "pr:modified", data_center_body(id, "eeeeeeeeeeee", 3, ""));
    }
    EXPECT_EQ(told, 0u);
    EXPECT_EQ(store_.count("SELECT count(*) FROM event"), pull_requests);
    EXPECT_EQ(snapshots_at("eeeeeeeeeeee"), pull_requests) << "and is remembered all the same";
}

}  // namespace
}  // namespace linkspan::test
