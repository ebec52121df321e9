#include "core/bitbucket/look_body.hpp"
#include "tests/support/looks.hpp"

#include <boost/json/parse.hpp>

namespace linkspan::test
{
namespace
{

// What Data Center's list of the builds of a commit shows, and what is told of it.

std::string const built_commit(40, 'a');

std::string pull_request_of(
    int id,
    std::string const& commit,
    char const* repository = R"({"id":9,"slug":"api","project":{"key":"ACME"}})"
)
{
    return R"({"eventKey":"pr:opened","date":"2026-11-20T09:00:00+0000","actor":{"id":1,"name":"ada"},"pullRequest":{"id":)" +
           std::to_string(id) + R"(,"version":0,"title":"Limits","state":"OPEN","open":true,
    "createdDate":1763625600000,"updatedDate":1763625600000,"author":{"user":{"id":1,"name":"ada"}},"reviewers":[],
    "participants":[],"fromRef":{"id":"refs/heads/feature/limits","displayId":"feature/limits","latestCommit":")" +
           commit + R"(","repository":{"id":9,"slug":"api","project":{"key":"ACME"}}},
    "toRef":{"id":"refs/heads/main","displayId":"main","latestCommit":"eeee","repository":)" +
           repository + "}}}";
}

std::string one_build(
    std::string const& key, std::string const& state, std::string const& at, std::string const& more = ""
)
{
    return R"({"key":")" + key + R"(","state":")" + state +
           R"(","name":"Unit tests","url":"https://ci.example/1")" +
           R"(,"createdDate":"2026-11-20T09:01:00Z","updatedDate":"2026-11-20T)" + at + R"(Z")" + more + "}";
}

std::string builds_seen(std::string const& builds, std::string const& asked, int repository = 9)
{
    build_answers shown;
    shown.repository =
        boost::json::object({{"id", repository}, {"slug", "api"}, {"project", {{"key", "ACME"}}}});
    shown.commit = built_commit;
    shown.builds = boost::json::parse("[" + builds + "]").as_array();
    shown.asked_at = clock_at(asked);
    shown.since = clock_at("08:30:00");
    return builds_body(shown);
}

struct builds_bridge : looked_bridge
{
    builds_bridge() : looked_bridge(edition::data_center) {}

    std::vector<event> see(std::string const& shown, std::string const& asked)
    {
        return builds(builds_seen(shown, asked), asked);
    }
};

TEST(build_looks, tell_a_build_from_its_beginning_to_its_end_once)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    auto const begun = all.see(one_build("unit", "INPROGRESS", "09:01:00"), "09:02:00");
    ASSERT_EQ(kinds_of(begun), words{"build.started"});
    EXPECT_EQ(
        begun[0].key,
        std::string(server_instance) + ":build.started:9:" + built_commit + ":unit:1795165260000"
    );
    EXPECT_EQ(begun[0].occurred_at, clock_at("09:01:00"));
    EXPECT_EQ(begun[0].origin, event_origin::poll);
    EXPECT_FALSE(begun[0].actor);
    ASSERT_TRUE(begun[0].pull_request);
    EXPECT_EQ(begun[0].pull_request->id, 7);
    auto const& detail = std::get<build>(begun[0].detail);
    EXPECT_EQ(detail.commit, built_commit);
    EXPECT_EQ(detail.name, "Unit tests");
    EXPECT_EQ(detail.url, "https://ci.example/1");
    EXPECT_EQ(detail.branch, "feature/limits");
    EXPECT_EQ(detail.pull_requests, std::vector<std::int64_t>{7});
    EXPECT_EQ(kinds_of(all.see(one_build("unit", "INPROGRESS", "09:01:00"), "09:02:30")), words{});
    EXPECT_EQ(kinds_of(all.see(one_build("unit", "FAILED", "09:04:00"), "09:05:00")), words{"build.failed"});
    EXPECT_EQ(kinds_of(all.see(one_build("unit", "FAILED", "09:04:00"), "09:06:00")), words{});
    auto const again = all.see(one_build("unit", "SUCCESSFUL", "09:09:00"), "09:10:00");
    ASSERT_EQ(kinds_of(again), words{"build.succeeded"});
    EXPECT_EQ(std::get<build>(again[0].detail).previous, build_state::failed);
}

TEST(build_looks, show_several_builds_each_with_its_own_past)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    auto const first = all.see(
        one_build("unit", "FAILED", "09:02:00") + "," + one_build("lint", "CANCELLED", "09:02:00") + "," +
            one_build("odd", "UNKNOWN", "09:02:00") + "," + one_build("later", "PAUSED", "09:02:00"),
        "09:03:00"
    );
    EXPECT_EQ(kinds_of(first), (words{"build.failed", "build.stopped"})) << "of the others nothing is known";
    auto const second = all.see(
        one_build("unit", "SUCCESSFUL", "09:05:00") + "," + one_build("lint", "SUCCESSFUL", "09:05:00"),
        "09:06:00"
    );
    ASSERT_EQ(second.size(), 2u);
    EXPECT_EQ(std::get<build>(second[0].detail).previous, build_state::failed);
    EXPECT_EQ(std::get<build>(second[1].detail).previous, build_state::stopped);
}

TEST(build_looks, announce_nothing_from_before_the_watch_but_remember_it)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    EXPECT_EQ(kinds_of(all.see(one_build("unit", "FAILED", "08:29:59"), "09:02:00")), words{});
    auto const mended = all.see(one_build("unit", "SUCCESSFUL", "08:30:00"), "09:03:00");
    ASSERT_EQ(kinds_of(mended), words{"build.succeeded"});
    EXPECT_EQ(std::get<build>(mended[0].detail).previous, build_state::failed);
}

TEST(build_looks, tell_what_servers_before_9_show)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    auto const shown = all.see(
        R"({"key":"unit","state":"SUCCESSFUL","dateAdded":1795165260000},{"key":"bare","state":"FAILED"})",
        "09:02:00"
    );
    ASSERT_EQ(kinds_of(shown), words{"build.succeeded"}) << "without a moment nothing tells two runs apart";
    EXPECT_EQ(shown[0].occurred_at, clock_at("09:01:00"));
}

TEST(build_looks, name_the_branch_that_the_build_names)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    auto const shown =
        all.see(one_build("unit", "FAILED", "09:02:00", R"(,"ref":"refs/heads/feature/other")"), "09:03:00");
    EXPECT_EQ(std::get<build>(shown.at(0).detail).branch, "feature/other");
    auto const tagged =
        all.see(one_build("unit", "FAILED", "09:02:01", R"(,"ref":"refs/tags/1")"), "09:03:00");
    EXPECT_EQ(std::get<build>(tagged.at(0).detail).branch, "feature/limits");
}

TEST(build_looks, tell_each_repository_of_its_own_pull_requests)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    all.webhook("pr:opened", pull_request_of(8, built_commit));
    all.webhook(
        "pr:opened", pull_request_of(3, built_commit, R"({"id":10,"slug":"web","project":{"key":"ACME"}})")
    );
    auto const here = all.see(one_build("unit", "FAILED", "09:02:00"), "09:03:00");
    ASSERT_EQ(here.size(), 1u);
    EXPECT_EQ(std::get<build>(here[0].detail).pull_requests, (std::vector<std::int64_t>{7, 8}));
    auto const there =
        all.builds(builds_seen(one_build("unit", "FAILED", "09:02:00"), "09:03:00", 10), "09:03:00");
    ASSERT_EQ(there.size(), 1u);
    EXPECT_EQ(std::get<build>(there[0].detail).pull_requests, std::vector<std::int64_t>{3});
}

TEST(build_looks, cannot_be_read_without_what_makes_their_keys)
{
    auto const why = [](std::string const& body, event_origin origin = event_origin::poll)
    {
        inbound delivery;
        delivery.edition = edition::data_center;
        delivery.event_key = builds_key;
        delivery.body = body;
        delivery.origin = origin;
        auto const said = read_delivery(delivery);
        return said ? std::string() : said.error().message;
    };
    auto const whole = builds_seen(one_build("unit", "FAILED", "09:02:00"), "09:03:00");
    EXPECT_EQ(why(whole), "");
    EXPECT_NE(why(whole, event_origin::webhook), "") << "no webhook may have that key";
    auto const without = [&](std::string const& part, std::string const& other)
    {
        auto out = whole;
        out.replace(out.find(part), part.size(), other);
        return out;
    };
    EXPECT_NE(why(without(R"("id":9,)", "")).find("/repository/id"), std::string::npos);
    EXPECT_NE(why(without(R"("commit")", R"("comit")")).find("/commit"), std::string::npos);
    EXPECT_NE(why(without(R"("since")", R"("sincere")")).find("/since"), std::string::npos);
    EXPECT_NE(why(without(R"("key":"unit")", R"("kee":"unit")")).find("/builds/0/key"), std::string::npos);
}

TEST(build_looks, take_as_many_builds_as_a_server_shows)
{
    builds_bridge all;
    all.webhook("pr:opened", pull_request_of(7, built_commit));
    std::string many;
    for (std::size_t i = 0; i <= shown_builds_max; ++i)
        many += (i == 0 ? "" : ",") + one_build("unit" + std::to_string(i), "FAILED", "09:02:00");
    EXPECT_EQ(all.see(many, "09:03:00").size(), shown_builds_max);
}

}  // namespace
}  // namespace linkspan::test
