#include "core/bitbucket/event_memory.hpp"
#include "core/bitbucket/signature.hpp"
#include "core/route/route.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/bridge.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

// Faults that comparable programs have or had, each as a test of its own name.

using strings = std::vector<std::string>;

std::vector<event> take(event_memory& memory, edition of, std::string key, std::string const& body)
{
    digest_context context;
    context.edition = of;
    context.instance = of == edition::cloud ? "bitbucket.org" : "https://bitbucket.example.com";
    auto const said = test::read_body(of, std::move(key), body);
    if (said)
        return memory.take(*said, context);
    ADD_FAILURE() << said.error().message;
    return {};
}

std::vector<event> events_of(edition of, std::string key, std::string const& body)
{
    event_memory memory;
    return take(memory, of, std::move(key), body);
}

strings names_of_refs(std::vector<event> const& events)
{
    strings out;
    for (auto const& one : events)
        out.push_back(std::get<ref_change>(one.detail).name);
    return out;
}

std::string const cloud_repository = R"("repository":{"uuid":"{r}","full_name":"acme/api"})";

std::string cloud_tip(std::string const& name, std::string const& hash)
{
    return R"({"type":"branch","name":")" + name + R"(","target":{"hash":")" + hash + R"("}})";
}

std::string cloud_push(
    std::string const& changes, std::string const& actor = R"({"uuid":"{a}","display_name":"Ada"})"
)
{
    return R"({"actor":)" + actor + "," + cloud_repository + R"(,"push":{"changes":[)" + changes + "]}}";
}

std::string moved(std::string const& name)
{
    return R"({"old":)" + cloud_tip(name, "1111111111") + R"(,"new":)" + cloud_tip(name, "2222222222") + "}";
}

std::string data_center_push(std::vector<std::string> const& names)
{
    std::string changes;
    for (auto const& name : names)
        changes += (changes.empty() ? "" : ",") + (R"({"ref":{"displayId":")" + name) +
                   R"(","type":"BRANCH"},"fromHash":"1111111111","toHash":"2222222222","type":"UPDATE"})";
    return R"({"repository":{"id":12,"slug":"api","project":{"key":"ACME"}},"changes":[)" + changes + "]}";
}

strings taken_of(std::string const& pattern, std::vector<event> const& events)
{
    rule asked;
    asked.name = "main";
    asked.kinds = {"branch.*"};
    asked.branches = {pattern};
    asked.destinations = {"chat"};
    strings out;
    for (auto const& one : events)
        if (explain(rule_set({asked}), one).front().taken == answer::yes)
            out.push_back(std::get<ref_change>(one.detail).name);
    return out;
}

TEST(peer_faults, a_branch_filter_matches_parts_of_names)
{
    strings const names = {"main", "maintenance", "domain", "feature/main", "main/old", "Main"};
    std::string changes;
    for (auto const& name : names)
        changes += (changes.empty() ? "" : ",") + moved(name);
    EXPECT_EQ(taken_of("main", events_of(edition::cloud, "repo:push", cloud_push(changes))), strings{"main"});
    auto const data_center = events_of(edition::data_center, "repo:refs_changed", data_center_push(names));
    EXPECT_EQ(taken_of("main", data_center), strings{"main"});
    EXPECT_EQ(taken_of("feature/*", data_center), strings{"feature/main"});
}

TEST(peer_faults, a_branch_filter_looks_at_the_last_change_alone)
{
    auto const changes = moved("main") + "," + moved("release/1") + "," + moved("topic");
    for (auto const* branch : {"main", "release/1", "topic"})
    {
        EXPECT_EQ(
            taken_of(branch, events_of(edition::cloud, "repo:push", cloud_push(changes))), strings{branch}
        );
        auto const body = data_center_push({"main", "release/1", "topic"});
        EXPECT_EQ(
            taken_of(branch, events_of(edition::data_center, "repo:refs_changed", body)), strings{branch}
        );
    }
}

TEST(peer_faults, only_the_first_change_of_a_push_is_told)
{
    strings const names = {"a", "b", "c"};
    auto const cloud =
        events_of(edition::cloud, "repo:push", cloud_push(moved("a") + "," + moved("b") + "," + moved("c")));
    EXPECT_EQ(names_of_refs(cloud), names);
    auto const body = data_center_push(names);
    EXPECT_EQ(names_of_refs(events_of(edition::data_center, "repo:refs_changed", body)), names);
}

TEST(peer_faults, a_signature_that_is_too_short_is_cut_without_a_look)
{
    for (std::size_t length = 0; length <= 200; ++length)
        for (auto const* start : {"", "sha256=", "sha1="})
        {
            auto const read = bitbucket::parse_signature(start + std::string(length, 'a'));
            EXPECT_EQ(read.has_value(), length == 64 && std::string(start) == "sha256=") << start << length;
            EXPECT_EQ(read ? errc::unauthorized : read.error().code, errc::unauthorized);
        }
}

TEST(peer_faults, digits_of_a_signature_stand_in_the_message)
{
    std::string const digits(63, 'b');
    EXPECT_EQ(bitbucket::parse_signature("sha256=" + digits).error().message.find("bbb"), std::string::npos);
}

std::string approval(std::string const& repository, std::string const& state)
{
    return R"({"date":"2026-11-20T10:00:00+0100","actor":{"id":102,"displayName":"Grace"},"pullRequest":{)"
           R"("id":7,"toRef":{"displayId":"main","repository":)" +
           repository + R"(},"reviewers":[{"user":{"id":102,"displayName":"Grace"},"status":")" + state +
           R"("}]},"participant":{"user":{"id":102,"displayName":"Grace"}},"previousStatus":"UNAPPROVED"})";
}

// Every repository has a pull request 7, and every server a repository 12.
TEST(peer_faults, reviews_are_kept_by_the_pull_requests_number_alone)
{
    event_memory memory;
    std::string const api = R"({"id":12,"slug":"api","project":{"key":"ACME"}})";
    std::string const web = R"({"id":13,"slug":"web","project":{"key":"ACME"}})";
    auto const approve = [&memory](std::string const& repository, std::string const& instance)
    {
        digest_context context;
        context.edition = edition::data_center;
        context.instance = instance;
        auto const body = approval(repository, "APPROVED");
        return test::kinds_of(
            memory.take(test::read_body(edition::data_center, "pr:reviewer:approved", body).value(), context)
        );
    };
    strings const approved = {"pull_request.approved"};
    EXPECT_EQ(approve(api, "https://one.example.com"), approved);
    EXPECT_EQ(approve(web, "https://one.example.com"), approved);
    EXPECT_EQ(approve(api, "https://two.example.com"), approved);
    EXPECT_EQ(memory.snapshot_of("https://two.example.com", "13", 7), nullptr);
    EXPECT_EQ(approve(web, "https://two.example.com"), approved);
    for (auto const* instance : {"https://one.example.com", "https://two.example.com"})
        for (auto const& repository : {api, web})
            EXPECT_TRUE(approve(repository, instance).empty()) << repository << " of " << instance;
    EXPECT_NE(memory.snapshot_of("https://one.example.com", "13", 7), nullptr);
    EXPECT_EQ(memory.snapshot_of("https://three.example.com", "12", 7), nullptr);
}

TEST(peer_faults, a_change_of_null_is_a_crash)
{
    auto const made = R"({"old":null,"new":)" + cloud_tip("a", "1111111111") + "}";
    auto const gone = R"({"old":)" + cloud_tip("b", "2222222222") + R"(,"new":null})";
    auto const events = events_of(edition::cloud, "repo:push", cloud_push(made + "," + gone));
    EXPECT_EQ(test::kinds_of(events), (strings{"branch.created", "branch.deleted"}));
    EXPECT_EQ(names_of_refs(events), (strings{"a", "b"}));
    EXPECT_TRUE(events_of(edition::cloud, "repo:push", cloud_push("")).empty());

    std::string const zeros(40, '0');
    auto const body = R"({"repository":{"id":12,"slug":"api","project":{"key":"ACME"}},"changes":[)"
                      R"({"ref":{"displayId":"a","type":"BRANCH"},"fromHash":")" +
                      zeros +
                      R"(","toHash":"1111111111","type":"ADD"},)"
                      R"({"ref":{"displayId":"b","type":"BRANCH"},"fromHash":"2222222222","toHash":null,)"
                      R"("type":"DELETE"}]})";
    EXPECT_EQ(
        test::kinds_of(events_of(edition::data_center, "repo:refs_changed", body)),
        (strings{"branch.created", "branch.deleted"})
    );
}

TEST(peer_faults, a_commit_whose_author_has_no_account_is_a_crash)
{
    auto const change =
        R"({"old":null,"new":)" + cloud_tip("a", "1111111111") +
        R"(,"commits":[{"hash":"1111111111","message":"m","author":{"raw":"Ada <a@example.com>"}},)"
        R"({"hash":"2222222222","author":{"raw":"Lin","user":null}},{"hash":"3333333333"}]})";
    auto const events = events_of(edition::cloud, "repo:push", cloud_push(change));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(std::get<ref_change>(events[0].detail).commits.size(), 3u);
}

TEST(peer_faults, a_deleted_account_is_a_crash)
{
    auto const change = R"({"old":null,"new":)" + cloud_tip("a", "1111111111") + "}";
    auto const cloud =
        events_of(edition::cloud, "repo:push", cloud_push(change, R"({"display_name":"Former user"})"));
    ASSERT_EQ(cloud.size(), 1u);
    EXPECT_EQ(cloud[0].actor.value().name, "Former user");
    EXPECT_EQ(cloud[0].actor->id, "");
    EXPECT_EQ(events_of(edition::cloud, "repo:push", cloud_push(change, "null")).size(), 1u);
    auto const nobody = events_of(edition::data_center, "repo:refs_changed", data_center_push({"a"}));
    ASSERT_EQ(nobody.size(), 1u);
    EXPECT_FALSE(nobody[0].actor);
}

}  // namespace
}  // namespace linkspan
