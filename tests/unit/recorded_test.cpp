#include "tests/support/recorded.hpp"

#include "core/bitbucket/event_memory.hpp"
#include "core/event/json.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/key_kinds.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

// What a recorded body says is found in it by JSON pointers, without the readers, and compared with the
// events that are made of it.

namespace linkspan
{
namespace
{

namespace json = boost::json;
using test::recording;

// --- what a body says

json::value const* find_at(json::value const& in, std::string_view pointer)
{
    boost::system::error_code failure;
    auto const* found = in.find_pointer(pointer, failure);
    return failure || found == nullptr || found->is_null() ? nullptr : found;
}

// Texts and numbers alike; empty where there is none.
std::string text_at(json::value const& in, std::string_view pointer)
{
    auto const* found = find_at(in, pointer);
    if (found == nullptr)
        return {};
    if (auto const* number = found->if_int64())
        return std::to_string(*number);
    return found->is_string() ? std::string(found->get_string()) : std::string();
}

// "/a/b" is a member, "/a/b + /c" two of them with a slash between, "/a/b /" the last step of a path.
std::string said_at(json::value const& body, std::string_view what)
{
    if (auto const plus = what.find(" + "); plus != what.npos)
    {
        auto const left = text_at(body, what.substr(0, plus));
        auto const right = text_at(body, what.substr(plus + 3));
        return left.empty() || right.empty() ? std::string() : left + "/" + right;
    }
    if (!what.ends_with(" /"))
        return text_at(body, what);
    auto const path = text_at(body, what.substr(0, what.size() - 2));
    return path.substr(path.rfind('/') + 1);
}

struct member_row
{
    std::string_view keys;               // the beginning of the event keys that it holds for
    std::vector<std::string_view> told;  // where the event has it: the first that is there
    std::vector<std::string_view> said;  // where the body has it: likewise
};

// `#` is the number of the event among those of its delivery.
std::vector<member_row> const cloud_members = {
    {"",
     {"/actor/id"},
     {"/actor/account_id", "/actor/uuid", "/comment/user/account_id", "/comment/user/uuid"}},
    {"", {"/actor/name"}, {"/actor/display_name", "/actor/nickname", "/comment/user/display_name"}},
    {"",
     {"/repository/id"},
     {"/repository/uuid", "/pullrequest/destination/repository/uuid", "/repository/full_name"}},
    {"",
     {"/repository/full_name"},
     {"/repository/full_name", "/pullrequest/destination/repository/full_name"}},
    {"pullrequest:", {"/pull_request/id"}, {"/pullrequest/id"}},
    {"pullrequest:", {"/pull_request/title"}, {"/pullrequest/title"}},
    {"pullrequest:", {"/pull_request/description"}, {"/pullrequest/description"}},
    {"pullrequest:", {"/pull_request/author/name"}, {"/pullrequest/author/display_name"}},
    {"pullrequest:", {"/pull_request/source/branch"}, {"/pullrequest/source/branch/name"}},
    {"pullrequest:", {"/pull_request/source/commit"}, {"/pullrequest/source/commit/hash"}},
    {"pullrequest:", {"/pull_request/source/repository"}, {"/pullrequest/source/repository/full_name"}},
    {"pullrequest:", {"/pull_request/target/branch"}, {"/pullrequest/destination/branch/name"}},
    {"pullrequest:", {"/pull_request/target/commit"}, {"/pullrequest/destination/commit/hash"}},
    {"pullrequest:", {"/pull_request/target/repository"}, {"/pullrequest/destination/repository/full_name"}},
    {"pullrequest:comment", {"/detail/comment/id"}, {"/comment/id"}},
    {"pullrequest:comment", {"/detail/comment/text"}, {"/comment/content/raw"}},
    {"pullrequest:comment", {"/detail/comment/author/name"}, {"/comment/user/display_name"}},
    {"pullrequest:comment", {"/detail/comment/parent"}, {"/comment/parent/id"}},
    {"pullrequest:comment", {"/detail/comment/inline/path"}, {"/comment/inline/path"}},
    {"pullrequest:approved", {"/detail/reviewer/name"}, {"/approval/user/display_name"}},
    {"pullrequest:unapproved", {"/detail/reviewer/name"}, {"/approval/user/display_name"}},
    {"pullrequest:fulfilled", {"/detail/commit"}, {"/pullrequest/merge_commit/hash"}},
    {"repo:push", {"/detail/name"}, {"/push/changes/#/new/name", "/push/changes/#/old/name"}},
    {"repo:push", {"/detail/old"}, {"/push/changes/#/old/target/hash"}},
    {"repo:push", {"/detail/new"}, {"/push/changes/#/new/target/hash"}},
    {"repo:push", {"/detail/commits/0/hash"}, {"/push/changes/#/commits/0/hash"}},
    {"repo:commit_comment", {"/detail/comment/id"}, {"/comment/id"}},
    {"repo:commit_comment", {"/detail/commit"}, {"/commit/hash", "/comment/commit/hash"}},
    {"repo:commit_status",
     {"/detail/commit"},
     {"/commit_status/commit/hash", "/commit_status/links/commit/href /"}},
    {"repo:commit_status", {"/detail/key"}, {"/commit_status/key"}},
    {"repo:commit_status", {"/detail/url"}, {"/commit_status/url"}},
    {"repo:fork", {"/detail/fork/full_name"}, {"/fork/full_name"}},
    {"issue:", {"/detail/id"}, {"/issue/id"}},
    {"issue:", {"/detail/title"}, {"/issue/title"}},
    {"issue:", {"/detail/state"}, {"/issue/state"}},
    {"issue:comment", {"/detail/comment"}, {"/comment/content/raw"}},
};

std::vector<member_row> const data_center_members = {
    // Recorded: an approval whose actor is another than its participant, who gave it.
    {"", {"/actor/id"}, {"/participant/user/id", "/actor/id"}},
    {"", {"/actor/name"}, {"/participant/user/displayName", "/actor/displayName"}},
    {"pr:", {"/repository/id"}, {"/pullRequest/toRef/repository/id"}},
    {"pr:",
     {"/repository/full_name"},
     {"/pullRequest/toRef/repository/project/key + /pullRequest/toRef/repository/slug"}},
    {"pr:", {"/pull_request/id"}, {"/pullRequest/id"}},
    {"pr:", {"/pull_request/title"}, {"/pullRequest/title"}},
    {"pr:", {"/pull_request/author/name"}, {"/pullRequest/author/user/displayName"}},
    {"pr:", {"/pull_request/source/branch"}, {"/pullRequest/fromRef/displayId"}},
    {"pr:", {"/pull_request/source/commit"}, {"/pullRequest/fromRef/latestCommit"}},
    {"pr:",
     {"/pull_request/source/repository"},
     {"/pullRequest/fromRef/repository/project/key + /pullRequest/fromRef/repository/slug"}},
    {"pr:", {"/pull_request/target/branch"}, {"/pullRequest/toRef/displayId"}},
    {"pr:", {"/pull_request/target/commit"}, {"/pullRequest/toRef/latestCommit"}},
    {"pr:",
     {"/pull_request/target/repository"},
     {"/pullRequest/toRef/repository/project/key + /pullRequest/toRef/repository/slug"}},
    {"pr:comment", {"/detail/comment/id", "/detail/task/id"}, {"/comment/id"}},
    {"pr:comment", {"/detail/comment/text", "/detail/task/text"}, {"/comment/text"}},
    {"pr:comment", {"/detail/comment/author/id", "/detail/task/creator/id"}, {"/comment/author/id"}},
    {"pr:comment", {"/detail/comment/parent", "/detail/task/comment"}, {"/commentParentId"}},
    {"pr:reviewer:approved", {"/detail/reviewer/id"}, {"/participant/user/id"}},
    {"pr:reviewer:unapproved", {"/detail/reviewer/id"}, {"/participant/user/id"}},
    {"pr:reviewer:needs_work", {"/detail/reviewer/id"}, {"/participant/user/id"}},
    {"pr:reviewer:updated", {"/detail/added/0/id"}, {"/addedReviewers/0/id"}},
    {"pr:reviewer:updated", {"/detail/removed/0/id"}, {"/removedReviewers/0/id"}},
    {"pr:from_ref_updated", {"/detail/old"}, {"/previousFromHash"}},
    {"pr:from_ref_updated", {"/detail/new"}, {"/pullRequest/fromRef/latestCommit"}},
    {"pr:merged", {"/detail/commit"}, {"/pullRequest/properties/mergeCommit/id"}},
    {"repo:refs_changed", {"/repository/full_name"}, {"/repository/project/key + /repository/slug"}},
    {"repo:refs_changed", {"/detail/name"}, {"/changes/#/ref/displayId"}},
    {"repo:comment", {"/repository/full_name"}, {"/repository/project/key + /repository/slug"}},
    {"repo:comment", {"/detail/comment/id"}, {"/comment/id"}},
    {"repo:comment", {"/detail/comment/text"}, {"/comment/text"}},
    {"repo:comment", {"/detail/commit"}, {"/commit"}},
    {"repo:modified", {"/repository/full_name"}, {"/new/project/key + /new/slug"}},
    {"repo:forked", {"/repository/full_name"}, {"/repository/origin/project/key + /repository/origin/slug"}},
    {"repo:forked", {"/detail/fork/full_name"}, {"/repository/project/key + /repository/slug"}},
};

// --- which kinds it makes

std::string refs_kind(bool tag, std::string_view what)
{
    return (tag ? "tag." : "branch.") + std::string(what);
}

std::vector<std::string> kinds_of_push(json::value const& body)
{
    std::vector<std::string> out;
    for (auto const& change : body.at_pointer("/push/changes").as_array())
    {
        auto const* before = find_at(change, "/old");
        auto const* after = find_at(change, "/new");
        if (before == nullptr && after == nullptr)
            continue;
        auto const type = text_at(after == nullptr ? *before : *after, "/type");
        auto const* what = after == nullptr ? "deleted" : before == nullptr ? "created" : "updated";
        out.push_back(refs_kind(type.ends_with("tag"), what));
    }
    return out;
}

std::vector<std::string> kinds_of_refs(json::value const& body)
{
    static std::map<std::string, std::string> const words = {
        {"ADD", "created"}, {"UPDATE", "updated"}, {"DELETE", "deleted"}};
    std::vector<std::string> out;
    for (auto const& change : body.at("changes").as_array())
        out.push_back(refs_kind(text_at(change, "/ref/type") == "TAG", words.at(text_at(change, "/type"))));
    return out;
}

std::vector<std::string> kinds_of_update(json::value const& body)
{
    std::vector<std::string> out;
    auto const* title = find_at(body, "/previousTitle");
    auto const* target = find_at(body, "/previousTarget");
    if (title != nullptr && *title != body.at_pointer("/pullRequest/title"))
        out.push_back("pull_request.title_changed");
    if (body.as_object().contains("previousDescription") &&
        text_at(body, "/previousDescription") != text_at(body, "/pullRequest/description"))
        out.push_back("pull_request.description_changed");
    if (target != nullptr && text_at(*target, "/displayId") != text_at(body, "/pullRequest/toRef/displayId"))
        out.push_back("pull_request.retargeted");
    return out.empty() ? std::vector<std::string>{"pull_request.updated"} : out;
}

std::string kind_of_comment(std::string_view key, json::value const& body)
{
    auto const* about = text_at(body, "/comment/severity") == "BLOCKER" ? "task." : "comment.";
    return about + std::string(key.substr(key.rfind(':') + 1));
}

std::string kind_of_build(json::value const& body)
{
    static std::map<std::string, std::string> const words = {
        {"SUCCESSFUL", "build.succeeded"},
        {"FAILED", "build.failed"},
        {"INPROGRESS", "build.started"},
        {"STOPPED", "build.stopped"}};
    return words.at(text_at(body, "/commit_status/state"));
}

std::string kind_of_repository_change(recording const& one, json::value const& body)
{
    for (auto const* member : {"full_name", "slug", "name"})
        if (one.edition == edition::cloud && text_at(body, "/changes/" + std::string(member) + "/old") !=
                                                 text_at(body, "/changes/" + std::string(member) + "/new"))
            return "repository.renamed";
    if (text_at(body, "/old/project/key") != text_at(body, "/new/project/key"))
        return "repository.transferred";
    return text_at(body, "/old/name") != text_at(body, "/new/name") ? "repository.renamed"
                                                                    : "repository.updated";
}

std::vector<std::string> kinds_said(recording const& one, json::value const& body)
{
    std::string_view const key = one.event_key;
    if (key == "repo:push")
        return kinds_of_push(body);
    if (key == "repo:refs_changed")
        return kinds_of_refs(body);
    if (key == "pr:modified")
        return kinds_of_update(body);
    if (key.starts_with("pr:comment:"))
        return {kind_of_comment(key, body)};
    if (key.starts_with("repo:commit_status"))
        return {kind_of_build(body)};
    if (key == "repo:updated" || key == "repo:modified")
        return {kind_of_repository_change(one, body)};
    if (key == "pr:reviewer:unapproved")
        return {
            text_at(body, "/previousStatus") == "NEEDS_WORK" ? "pull_request.changes_request_withdrawn"
                                                             : "pull_request.approval_withdrawn"};
    // Nothing is known before it.
    if (key == "pullrequest:updated")
        return {"pull_request.updated"};
    std::vector<std::string> out;
    for (auto const kind : test::kinds_of_key(one.edition, key)->makes)
        out.emplace_back(name_of(kind));
    return out;
}

// --- whether it is told

result<reading> read(recording const& one, std::string const& body)
{
    inbound delivery;
    delivery.edition = one.edition;
    delivery.event_key = one.event_key;
    delivery.body = body;
    return read_delivery(delivery);
}

std::string with_number(std::string_view pointer, std::size_t number)
{
    std::string out(pointer);
    if (auto const at = out.find('#'); at != out.npos)
        out.replace(at, 1, std::to_string(number));
    return out;
}

// What an event says otherwise than its body.
std::string differences(
    recording const& one, json::value const& body, json::value const& told, std::size_t at
)
{
    std::string out;
    auto const first = [&](auto const& look, json::value const& in, auto const& places)
    {
        std::string found;
        for (auto const place : places)
            if (found.empty())
                found = look(in, with_number(place, at));
        return found;
    };
    for (auto const& row : one.edition == edition::cloud ? cloud_members : data_center_members)
    {
        if (!one.event_key.starts_with(row.keys))
            continue;
        auto const said = first(said_at, body, row.said);
        auto const heard = first(text_at, told, row.told);
        if (said != heard)
            out += "\n  " + std::string(row.told.front()) + ": \"" + heard + "\", not \"" + said + "\"";
    }
    return out;
}

// An empty text where the events of a recording are what its body says.
std::string fault_of(recording const& one, std::filesystem::path const& folder)
{
    if (!std::filesystem::is_regular_file(folder / one.file))
        return "the file is missing";
    auto const text = test::read_file(folder / one.file);
    auto const said = read(one, text);
    if (!said)
        return said.error().message;
    digest_context context;
    context.edition = one.edition;
    context.instance = "test";
    auto const body = json::parse(text);
    std::string fault;
    std::string kinds;
    std::string expected;
    auto const events = digest(*said, known_state(), context).events;
    for (std::size_t i = 0; i < events.size(); ++i)
    {
        kinds += " " + std::string(name_of(events[i].kind));
        fault += differences(one, body, to_json(events[i]), i);
    }
    for (auto const& kind : kinds_said(one, body))
        expected += " " + kind;
    return kinds == expected ? fault : "makes" + kinds + ", not" + expected + fault;
}

TEST(recorded, every_delivery_is_read_and_told_as_it_says)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    struct count
    {
        std::size_t listed = 0;
        std::size_t right = 0;
    };
    std::map<std::string, count> counts;
    count all;
    for (auto const& one : test::genuine_recordings_in(*folder))
    {
        auto& of_key = counts[one.event_key];
        ++of_key.listed, ++all.listed;
        auto const fault = fault_of(one, *folder);
        if (fault.empty())
            ++of_key.right, ++all.right;
        else
            ADD_FAILURE() << one.file << ": " << fault;
    }
    for (auto const& [key, of_key] : counts)
        std::cout << "  " << key << ": " << of_key.right << " of " << of_key.listed << '\n';
    std::cout << "report: recorded deliveries: " << all.right << " of " << all.listed
              << " told as they say\n";
    EXPECT_GT(all.listed, 0u);
    EXPECT_EQ(all.listed, test::genuine_recordings_listed_in(*folder));
    EXPECT_EQ(all.right, all.listed);
}

// Every genuine one is of a key that is promised.
TEST(recorded, no_genuine_delivery_is_left_out)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    for (auto const& one : test::genuine_recordings_in(*folder))
        EXPECT_NE(test::kinds_of_key(one.edition, one.event_key), nullptr) << one.file;
}

// Twice and by two webhooks: each happening is told once.
TEST(recorded, a_delivery_that_comes_again_says_nothing_new)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    for (auto const& one : test::genuine_recordings_in(*folder))
    {
        event_memory memory;
        digest_context context;
        context.edition = one.edition;
        context.instance = "test";
        auto const body = test::read_file(*folder / one.file);
        auto const first = read(one, body);
        ASSERT_TRUE(first) << one.file << ": " << first.error().message;
        memory.take(*first, context);
        context.received_at += std::chrono::minutes(1);
        for (auto const& again : memory.take(*read(one, body), context))
            ADD_FAILURE() << one.file << ": " << again.key;
    }
}

// Bodies of other keys, templates and hand-written ones: some are no good, none may do harm.
TEST(recorded, no_body_at_all_does_harm)
{
    auto const folder = test::payloads();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_PAYLOADS is not set: no recorded deliveries";
    int bodies = 0;
    std::map<std::string, std::string> keys;
    for (auto const& one : test::recordings_in(*folder))
        keys[one.file] = one.event_key;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(*folder))
    {
        auto const file = std::filesystem::relative(entry.path(), *folder).string();
        if (entry.path().extension() != ".json" || file.find("/rest/") != std::string::npos ||
            file.ends_with(".headers.json") || file.find('/') == std::string::npos)
            continue;
        ++bodies;
        auto const body = test::read_file(entry.path());
        for (auto const edition : {edition::cloud, edition::data_center})
        {
            recording one{file, keys[file], "", edition};
            auto const said = read(one, body);
            if (said)
            {
                digest_context context;
                context.edition = edition;
                context.instance = "test";
                auto const done = digest(*said, known_state(), context);
                EXPECT_LE(done.events.size(), said->claims.size() + 5) << file;
                continue;
            }
            EXPECT_TRUE(said.error().code == errc::not_found || said.error().code == errc::invalid) << file;
            EXPECT_FALSE(said.error().message.empty()) << file;
            bool const own_edition =
                (edition == edition::data_center) == (file.find("/server/") != std::string::npos);
            bool const known = own_edition && test::kinds_of_key(edition, one.event_key) != nullptr;
            EXPECT_FALSE(known && said.error().code == errc::not_found) << file;
        }
    }
    EXPECT_GE(bodies, 100);
}

}  // namespace
}  // namespace linkspan
