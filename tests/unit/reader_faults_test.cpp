#include "core/bitbucket/digest.hpp"
#include "core/event/json.hpp"
#include "tests/support/bodies.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;

std::vector<test::sample_delivery> all_samples()
{
    auto all = test::sample_deliveries(edition::cloud);
    for (auto& one : test::sample_deliveries(edition::data_center))
        all.push_back(std::move(one));
    return all;
}

error fault_of(linkspan::edition edition, std::string key, std::string_view body)
{
    auto const said = test::read_body(edition, std::move(key), body);
    return said ? error() : said.error();
}

TEST(reader_faults, what_is_no_json_object)
{
    for (std::string const body :
         {"nonsense", "{", "{} {}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{'a':1}", "{\"a\":NaN}"})
    {
        auto const fault = fault_of(edition::cloud, "repo:push", body);
        EXPECT_EQ(fault.code, errc::invalid) << body;
        EXPECT_TRUE(fault.message.starts_with("the body is not JSON: ")) << fault.message;
        EXPECT_NE(fault.message.find(" at byte "), std::string::npos) << fault.message;
    }
    for (auto const* body : {"", " ", "\r\n\t"})
        EXPECT_EQ(fault_of(edition::cloud, "repo:push", body).message, "the body is empty");
    for (auto const* body : {"[]", "null", "1", "\"repo:push\"", "true"})
        EXPECT_EQ(
            fault_of(edition::cloud, "repo:push", body).message, "the body as a whole: expected an object"
        ) << body;
}

TEST(reader_faults, a_body_that_is_no_json_tells_the_byte)
{
    auto const byte_of = [](std::string const& body)
    {
        auto const message = fault_of(edition::cloud, "repo:push", body).message;
        auto const at = message.rfind(" at byte ");
        return at == message.npos ? message : message.substr(at + 9);
    };
    EXPECT_EQ(byte_of("nonsense"), "0");
    EXPECT_EQ(byte_of("\xef\xbb\xbf{}"), "0") << "a byte order mark";
    EXPECT_EQ(byte_of("{} {}"), "3");
    EXPECT_EQ(byte_of(R"({"actor":{"name":"A)"), "19") << "cut off";
    EXPECT_EQ(byte_of("{\"actor\":\"\xff\"}"), "10");
    EXPECT_EQ(byte_of(R"({"actor":tru})"), "9") << "where the word begins";
    EXPECT_EQ(byte_of(R"({"actor":1e})"), "11");
    EXPECT_EQ(byte_of(R"({"actor":"\ud800x"})"), "16");
    // Of 33 levels the last is one too many.
    EXPECT_EQ(byte_of(R"({"a":)" + std::string(40, '[')), "36");
}

TEST(reader_faults, null_everywhere_is_not_known)
{
    for (auto const& one : all_samples())
    {
        if (one.event_key == "diagnostics:ping")
            continue;
        json::value body = test::object_of(one.body);
        for (auto& member : body.as_object())
            member.value() = nullptr;
        auto const fault = fault_of(one.edition, one.event_key, json::serialize(body));
        EXPECT_EQ(fault.code, errc::invalid) << one.name;
        EXPECT_NE(fault.message.find(": is missing"), std::string::npos) << fault.message;
    }
}

TEST(reader_faults, a_body_deeper_than_any_of_bitbuckets)
{
    for (std::size_t const depth : {40u, 1'000u, 1'000'000u})
        for (auto const* open : {"[", "{\"a\":"})
        {
            std::string body = "{\"push\":";
            for (std::size_t i = 0; i < depth; ++i)
                body += open;
            auto const fault = fault_of(edition::cloud, "repo:push", body);
            EXPECT_EQ(fault.code, errc::invalid);
            EXPECT_LT(fault.message.size(), 200u);
        }
}

TEST(reader_faults, keys_that_are_not_known_are_named)
{
    EXPECT_EQ(fault_of(edition::cloud, "repo:fly", "{}").code, errc::not_found);
    EXPECT_EQ(
        fault_of(edition::cloud, "repo:fly", "{}").message, "event key repo:fly is not known to this version"
    );
    EXPECT_EQ(fault_of(edition::data_center, "repo:push", "{}").code, errc::not_found) << "Cloud's own";
    EXPECT_EQ(fault_of(edition::cloud, "pr:opened", "{}").code, errc::not_found) << "Data Center's own";
    EXPECT_EQ(fault_of(edition::cloud, "REPO:PUSH", "{}").code, errc::not_found);
    EXPECT_EQ(fault_of(edition::cloud, "", "{}").code, errc::not_found);
    EXPECT_EQ(fault_of(edition::cloud, "", R"({"eventKey":7})").code, errc::not_found);
    // A key goes into logs: one line, not without end.
    auto const fault = fault_of(edition::cloud, "a\r\nb" + std::string(5000, 'x'), "{}");
    EXPECT_EQ(fault.message.find('\n'), std::string::npos);
    EXPECT_LT(fault.message.size(), 200u);
    EXPECT_TRUE(fault.message.starts_with("event key a bxxx"));
}

TEST(reader_faults, a_member_of_the_wrong_type_is_named_by_its_pointer)
{
    struct row
    {
        char const* body;
        char const* message;
    };
    row const rows[] = {
        {R"({"repository":7})", "/repository: expected an object"},
        {R"({"repository":{"uuid":"r"},"actor":"ada"})", "/actor: expected an object"},
        {R"({"repository":{"uuid":7}})", "/repository/uuid: expected a string"},
        {R"({"repository":{"uuid":"r","links":7}})", "/repository/links: expected an object"},
        {R"({"repository":{}})", "/repository/uuid: is missing"},
        {R"({})", "/repository/uuid: is missing"},
        {R"({"repository":{"uuid":"r"}})", "/push/changes: is missing"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":{}}})", "/push/changes: expected an array"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":null}})", "/push/changes: is missing"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":[7]}})", "/push/changes/0: expected an object"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":[null,{"new":{"type":"branch"}}]}})",
         "/push/changes/1/new/name: is missing"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":[{"new":{"name":"x"}}]}})",
         "/push/changes/0/new/type: is missing"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":[{"old":{"type":"tag","name":["x"]}}]}})",
         "/push/changes/0/old/name: expected a string"},
        {R"({"repository":{"uuid":"r"},"push":{"changes":[
             {"forced":1,"new":{"type":"branch","name":"x"}}]}})",
         "/push/changes/0/forced: expected true or false"},
    };
    for (auto const& one : rows)
    {
        auto const fault = fault_of(edition::cloud, "repo:push", one.body);
        EXPECT_EQ(fault.code, errc::invalid) << one.body;
        EXPECT_EQ(fault.message, one.message) << one.body;
    }
}

TEST(reader_faults, the_id_of_a_pull_request)
{
    auto const message = [](std::string const& id)
    {
        return fault_of(
                   edition::cloud,
                   "pullrequest:created",
                   R"({"repository":{"uuid":"r"},"pullrequest":{)" + id + "}}"
        )
            .message;
    };
    EXPECT_EQ(message(""), "/pullrequest/id: is missing");
    EXPECT_EQ(message(R"("id":null)"), "/pullrequest/id: is missing");
    for (auto const* wrong :
         {"\"7\"", "7.5", "1e400", "18446744073709551615", "99999999999999999999999", "[]"})
        EXPECT_EQ(message("\"id\":" + std::string(wrong)), "/pullrequest/id: expected an integer") << wrong;
    EXPECT_EQ(message("\"id\":9223372036854775807"), "");
    EXPECT_EQ(message("\"id\":1,\"id\":\"2\""), "") << "the first of two members counts";
}

// Two loops over 50,000 people take minutes, and nobody else's delivery is digested meanwhile.
TEST(reader_faults, a_list_of_people_beyond_the_limit_counts_as_left_out)
{
    auto const body = [](edition kind, std::size_t people)
    {
        std::string list;
        for (std::size_t i = 0; i < people; ++i)
            list += (i == 0 ? "" : ",") + (kind == edition::cloud
                                               ? R"({"uuid":"u)" + std::to_string(i) + "\"}"
                                               : R"({"user":{"id":)" + std::to_string(i) + "}}");
        return kind == edition::cloud
                   ? R"({"repository":{"uuid":"r"},"pullrequest":{"id":1,"participants":[],"reviewers":[)" +
                         list + "]}}"
                   : R"({"pullRequest":{"id":1,"toRef":{"repository":{"id":1}},"reviewers":[)" + list + "]}}";
    };
    for (auto const kind : {edition::cloud, edition::data_center})
    {
        std::string const key = kind == edition::cloud ? "pullrequest:created" : "pr:opened";
        auto const most = test::read_body(kind, key, body(kind, participants_max));
        ASSERT_TRUE(most) << most.error().message;
        EXPECT_EQ(most->pull_request->participants->size(), participants_max);
        auto const more = test::read_body(kind, key, body(kind, participants_max + 1));
        ASSERT_TRUE(more) << more.error().message;
        EXPECT_FALSE(more->pull_request->participants);
    }
}

// Lists in lists, each of many: a reader that goes through one for each of the other takes minutes.
TEST(reader_faults, many_of_one_beside_many_of_another_are_read_once)
{
    auto const repeated = [](std::string const& one, int times)
    {
        std::string out;
        for (int i = 0; i < times; ++i)
            out += (i == 0 ? "" : ",") + one;
        return out;
    };
    std::string const span = R"({"name":"bbc.pipeline_run","attributes":[{"key":"pipeline_run.uuid",)"
                             R"("value":{"stringValue":"{1}"}}]})";
    auto const runs = test::read_body(
        edition::cloud,
        "pipeline:span_created",
        R"({"resourceSpans":[{"resource":{"attributes":[)" + repeated("{}", 100'000) +
            R"(]},"scopeSpans":[{"spans":[)" + repeated(span, 5'000) + "]}]}]}"
    );
    ASSERT_TRUE(runs) << runs.error().message;
    EXPECT_EQ(runs->claims.size(), 5'000u);
    std::string const change =
        R"({"ref":{"displayId":"b","type":"BRANCH"},"fromHash":"1111","toHash":"2222",)"
        R"("type":"UPDATE"})";
    auto const refs = test::read_body(
        edition::data_center,
        "repo:refs_changed",
        R"({"repository":{"id":1},"changes":[)" + repeated(change, 7'000) + "," + repeated("null", 100'000) +
            "]}"
    );
    ASSERT_TRUE(refs) << refs.error().message;
    EXPECT_EQ(refs->claims.size(), 7'000u);
}

TEST(reader_faults, what_a_comment_and_a_build_need)
{
    auto const message = [](std::string key, std::string const& member)
    {
        return fault_of(
                   edition::cloud,
                   std::move(key),
                   R"({"repository":{"uuid":"r"},"pullrequest":{"id":1},)" + member + "}"
        )
            .message;
    };
    EXPECT_EQ(message("pullrequest:comment_created", R"("x":1)"), "/comment/id: is missing");
    EXPECT_EQ(message("pullrequest:comment_created", R"("comment":[])"), "/comment: expected an object");
    EXPECT_EQ(
        message("pullrequest:comment_created", R"("comment":{"id":1,"inline":{"path":"a","to":"5"}})"),
        "/comment/inline/to: expected an integer"
    );
    EXPECT_EQ(
        message("repo:commit_status_created", R"("commit_status":{"commit":{"hash":"a"},"state":"FAILED"})"),
        "/commit_status/key: is missing"
    );
    EXPECT_EQ(
        message("repo:commit_status_created", R"("commit_status":{"key":"k","state":"FAILED"})"),
        "/commit_status/links/commit/href: is missing"
    );
    EXPECT_EQ(message("pullrequest:approved", R"("approval":{})"), "/approval/user: is missing");
}

// --- properties over all samples
// -------------------------------------------------------------------------------------

// Every text and number below a value, times in the form of events.
void collect_leaves(json::value const& value, std::set<std::string>& leaves)
{
    if (auto const* const object = value.if_object())
        for (auto const& [name, member] : *object)
            collect_leaves(member, leaves);
    else if (auto const* const array = value.if_array())
        for (auto const& element : *array)
            collect_leaves(element, leaves);
    else if (auto const* const text = value.if_string())
    {
        leaves.emplace(*text);
        if (auto const moment = parse_time(*text))
            leaves.insert(to_rfc3339(*moment));
    }
    else if (auto const* const number = value.if_int64())
    {
        leaves.insert(std::to_string(*number));
        if (*number > 1'000'000'000'000)
            leaves.insert(to_rfc3339(from_milliseconds(*number)));
    }
}

// Members that are words of ours, not of the delivery.
bool is_ours(std::string_view member)
{
    static std::set<std::string_view> const ours = {
        "id",
        "kind",
        "key",
        "origin",
        "edition",
        "instance",
        "cause",
        "received_at",
        "role",
        "state",
        "side"};
    return ours.contains(member);
}

void collect_told(json::value const& value, std::set<std::string>& told)
{
    if (auto const* const object = value.if_object())
    {
        for (auto const& [name, member] : *object)
            if (!is_ours(name) || member.is_object())
                collect_told(member, told);
    }
    else if (auto const* const array = value.if_array())
        for (auto const& element : *array)
            collect_told(element, told);
    else if (!value.is_bool())
        collect_leaves(value, told);
}

// What the events of a reading say that its body does not.
std::string invented(reading const& said, json::value const& body, linkspan::edition edition)
{
    std::set<std::string> there, told;
    collect_leaves(body, there);
    std::string const all = json::serialize(body);
    digest_context context;
    context.edition = edition;
    context.instance = "test";
    context.received_at = *parse_time("2001-01-01T00:00:00Z");
    for (auto const& happened : digest(said, known_state(), context).events)
        collect_told(to_json(happened), told);
    for (auto const& one : told)
    {
        if (there.contains(one) || one.empty() || one == "2001-01-01T00:00:00.000Z" || one == "somebody")
            continue;
        // Parts and pairs of what is there: owner, slug, full name, lines of a suggestion.
        auto const slash = one.find('/');
        bool const pair = slash != one.npos && there.contains(one.substr(0, slash)) &&
                          there.contains(one.substr(slash + 1));
        auto const quoted = json::serialize(json::value(one));
        if (pair || all.find(quoted.substr(1, quoted.size() - 2)) != all.npos)
            continue;
        return one;
    }
    return {};
}

// Calls `visit` once for each member and element below `value`, while that one is away.
void without_each_value(
    json::value& value, std::string const& path, std::function<void(std::string const&)> const& visit
)
{
    if (auto* const object = value.if_object())
    {
        std::vector<std::string> names;
        for (auto const& [name, member] : *object)
            names.emplace_back(name);
        for (auto const& name : names)
        {
            json::value kept = std::move(object->at(name));
            object->erase(name);
            visit(path + "/" + name);
            object->emplace(name, std::move(kept));
            without_each_value(object->at(name), path + "/" + name, visit);
        }
    }
    else if (auto* const array = value.if_array())
        for (std::size_t i = 0; i < array->size(); ++i)
        {
            auto const here = path + "/" + std::to_string(i);
            json::value kept = std::move((*array)[i]);
            (*array)[i] = nullptr;
            visit(here);
            (*array)[i] = std::move(kept);
            without_each_value((*array)[i], here, visit);
        }
}

TEST(reader_faults, a_member_that_is_missing_is_named_or_left_unknown)
{
    std::set<std::string> seen;
    int visits = 0;
    for (auto const& one : all_samples())
    {
        if (!seen.insert(one.event_key).second && one.name.find("suggestion") == one.name.npos)
            continue;
        json::value body = test::object_of(one.body);
        auto const whole = test::read_body(one.edition, one.event_key, one.body);
        ASSERT_TRUE(whole);
        EXPECT_EQ(invented(*whole, body, one.edition), "") << one.name;
        without_each_value(
            body,
            "",
            [&](std::string const& path)
            {
                ++visits;
                auto const said = test::read_body(one.edition, one.event_key, json::serialize(body));
                if (said)
                    EXPECT_EQ(invented(*said, body, one.edition), "") << one.name << " without " << path;
                else
                {
                    EXPECT_EQ(said.error().code, errc::invalid) << one.name << " without " << path;
                    EXPECT_TRUE(said.error().message.starts_with("/")) << said.error().message;
                    EXPECT_NE(said.error().message.find(": "), std::string::npos) << said.error().message;
                }
            }
        );
    }
    EXPECT_GT(visits, 2000);
}

TEST(reader_faults, a_member_of_another_type_does_no_harm)
{
    std::set<std::string> seen;
    for (auto const& one : all_samples())
    {
        if (!seen.insert(one.event_key).second)
            continue;
        json::value body = test::object_of(one.body);
        for (auto const& name : {"id", "hash", "title", "date", "state", "links", "user", "displayId", "key"})
        {
            std::function<void(json::value&)> const spoil = [&](json::value& value)
            {
                if (auto* const object = value.if_object())
                    for (auto& member : *object)
                    {
                        if (member.key() != name)
                        {
                            spoil(member.value());
                            continue;
                        }
                        json::value kept = std::move(member.value());
                        for (json::value const& other :
                             {json::value(-1),
                              json::value(1.5),
                              json::value("\n"),
                              json::value(json::array{1}),
                              json::value(json::object{{"a", 1}}),
                              json::value(true)})
                        {
                            member.value() = other;
                            auto const said =
                                test::read_body(one.edition, one.event_key, json::serialize(body));
                            EXPECT_TRUE(said || said.error().message.starts_with("/")) << one.name;
                        }
                        member.value() = std::move(kept);
                    }
                else if (auto* const array = value.if_array())
                    for (auto& element : *array)
                        spoil(element);
            };
            spoil(body);
        }
    }
}

TEST(reader_faults, a_body_cut_off_anywhere_is_invalid)
{
    for (auto const& one :
         {test::sample_named(edition::cloud, "suggestion"),
          test::sample_named(edition::data_center, "suggestion")})
        for (std::size_t bytes = 0; bytes < one.body.size(); ++bytes)
        {
            auto const fault = fault_of(one.edition, one.event_key, one.body.substr(0, bytes));
            ASSERT_EQ(fault.code, errc::invalid) << one.name << " after " << bytes;
        }
}

}  // namespace
}  // namespace linkspan
