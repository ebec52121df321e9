#include "cmd/linkspan/delivery_file.hpp"
#include "cmd/linkspan/parse.hpp"
#include "core/event/schema.hpp"
#include "tests/support/bodies.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

struct parsed
{
    result<> ended;
    std::string out;
    std::string err;

    std::vector<json::object> events() const
    {
        std::vector<json::object> all;
        std::istringstream lines(out);
        for (std::string line; std::getline(lines, line);)
            all.push_back(json::parse(line).as_object());
        return all;
    }
    std::vector<std::string> kinds() const
    {
        std::vector<std::string> all;
        for (auto const& one : events())
            all.emplace_back(one.at("kind").as_string());
        return all;
    }
};

using names = std::vector<std::string>;

class parse_command : public testing::Test
{
protected:
    parsed run(parse_options options, std::string const& input = {})
    {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream err;
        terminal on(out, err, in);
        auto ended = parse_deliveries(on, options);
        return {std::move(ended), out.str(), err.str()};
    }

    parsed run_input(std::string const& input, std::string const& key, std::string const& edition = {})
    {
        parse_options options;
        options.files = {"-"};
        options.edition = edition;
        if (!key.empty())
            options.event_keys = {key};
        return run(options, input);
    }

    std::string write(std::string const& name, std::string_view text)
    {
        write_file(folder.path() / name, text);
        return (folder.path() / name).string();
    }

    void expect_error(parsed const& got, errc code, std::string const& text)
    {
        ASSERT_FALSE(got.ended) << got.out;
        EXPECT_EQ(got.ended.error().code, code);
        EXPECT_NE(got.ended.error().message.find(text), std::string::npos) << got.ended.error().message;
    }

    temporary_folder folder;
    sample_delivery const opened = sample_named(edition::cloud, "opened");
    sample_delivery const merged = sample_named(edition::cloud, "merged");
    sample_delivery const dc_opened = sample_named(edition::data_center, "opened");
};

TEST_F(parse_command, carries_snapshots_from_file_to_file)
{
    parse_options options;
    for (auto const& one : sample_deliveries(edition::cloud))
        if (one.name == "02_opened" || one.name == "08_updated" || one.name == "16_merged")
        {
            options.files.push_back(write(one.name, one.body));
            options.event_keys.push_back(one.event_key);
        }
    auto const all = run(options);
    ASSERT_TRUE(all.ended) << all.ended.error().message;
    EXPECT_EQ(all.kinds().front(), "pull_request.opened");
    EXPECT_NE(all.out.find("pull_request.merged"), std::string::npos) << all.out;
    // Alone, an update has nothing to be compared with.
    EXPECT_EQ(all.out.find("pull_request.updated"), std::string::npos) << all.out;
    auto alone = options;
    alone.files = {options.files[1]};
    alone.event_keys = {options.event_keys[1]};
    EXPECT_EQ(run(alone).kinds(), names{"pull_request.updated"});

    // Twice the same deliveries are the same events, once; two runs print the same.
    auto twice = options;
    twice.files.insert(twice.files.end(), options.files.begin(), options.files.end());
    twice.event_keys.insert(twice.event_keys.end(), options.event_keys.begin(), options.event_keys.end());
    EXPECT_EQ(run(twice).out, all.out);
    EXPECT_EQ(run(options).out, all.out);
}

TEST_F(parse_command, prints_what_only_the_delivery_says)
{
    auto const got = run_input(opened.body, "pullrequest:created");
    ASSERT_EQ(got.events().size(), 1u) << got.out;
    auto const event = got.events().front();
    EXPECT_EQ(event.begin()->key(), "kind") << "members keep their order";
    EXPECT_EQ(event.at("edition").as_string(), "cloud");
    EXPECT_EQ(event.at("instance").as_string(), "bitbucket.org");
    EXPECT_TRUE(event.contains("occurred_at"));
    for (auto const* left_out : {"id", "received_at", "raw"})
        EXPECT_FALSE(event.contains(left_out)) << left_out;
    EXPECT_EQ(
        run_input(dc_opened.body, "").events().front().at("instance").as_string(),
        "https://bitbucket.example.com"
    );
    parse_options named;
    named.files = {"-"};
    named.instance = "https://git.acme.example";
    EXPECT_EQ(
        run(named, dc_opened.body).events().front().at("instance").as_string(), "https://git.acme.example"
    );
}

// As the page on commands says of these lines.
TEST_F(parse_command, a_line_lacks_of_the_schema_only_what_is_told)
{
    auto event = json::value(run_input(opened.body, "pullrequest:created").events().at(0));
    auto const schema = event_schema();
    EXPECT_NE(schema_fault(schema, event), "");
    event.as_object().emplace("id", "01930000-0000-7000-8000-000000000001");
    event.as_object().emplace("received_at", "2026-11-20T09:30:01.004Z");
    EXPECT_EQ(schema_fault(schema, event), "");
}

TEST_F(parse_command, a_delivery_without_a_time_has_none)
{
    auto body = object_of(sample_named(edition::cloud, "push_branch").body);
    auto const got = run_input(json::serialize(body), "repo:push");
    ASSERT_TRUE(got.ended) << got.ended.error().message;
    ASSERT_FALSE(got.events().empty());
    auto const headers = write("headers", "X-Event-Key: repo:push\nDate: Fri, 20 Nov 2026 09:30:05 GMT\n");
    parse_options options;
    options.files = {"-"};
    options.headers = {headers};
    auto const timed = run(options, json::serialize(body));
    ASSERT_FALSE(timed.events().empty()) << timed.ended.error().message;
    EXPECT_EQ(timed.events().front().at("received_at").as_string(), "2026-11-20T09:30:05.000Z");
    EXPECT_TRUE(timed.events().front().contains("occurred_at"));
    for (auto const& event : got.events())
        EXPECT_NE(
            event.contains("occurred_at") ? event.at("occurred_at") : json::value(),
            json::value("1970-01-01T00:00:00.000Z")
        );
}

TEST_F(parse_command, finds_the_edition)
{
    EXPECT_EQ(edition_shown_by("pullrequest:created", "{}"), edition::cloud);
    EXPECT_EQ(edition_shown_by("pr:opened", "{}"), edition::data_center);
    EXPECT_EQ(edition_shown_by("repo:push", "{}"), edition::cloud);
    EXPECT_EQ(edition_shown_by("repo:refs_changed", "{}"), edition::data_center);
    EXPECT_EQ(edition_shown_by("", R"({"eventKey":"pr:opened"})"), edition::data_center);
    EXPECT_EQ(edition_shown_by("repo:unheard_of", R"({"eventKey":"repo:unheard_of"})"), edition::data_center);
    EXPECT_EQ(edition_shown_by("repo:unheard_of", "{}"), std::nullopt);
    EXPECT_EQ(edition_shown_by("", "{}"), std::nullopt);
    expect_error(run_input("{}", "repo:unheard_of"), errc::invalid, "--edition");
    expect_error(run_input("{}", "repo:unheard_of", "cloud"), errc::not_found, "repo:unheard_of");
    expect_error(run_input("{}", "repo:push", "server"), errc::invalid, "cloud or data_center");
    expect_error(run_input(opened.body, ""), errc::not_found, "--event-key");
}

TEST_F(parse_command, reads_headers_in_both_forms)
{
    parse_options options;
    options.files = {"-"};
    for (auto const* text :
         {R"({"X-Event-Key": "pullrequest:created", "x-hook-uuid": "a", "n": 1})",
          "> POST /webhook/api HTTP/1.1\r\n> Host: example.com\r\n> X-Event-Key: "
          "pullrequest:created\r\n>\r\n",
          "X-Event-Key: pullrequest:created\n\n{\"not\": \"read\"}\n"})
    {
        options.headers = {write("headers", text)};
        EXPECT_EQ(run(options, opened.body).kinds(), names{"pull_request.opened"}) << text;
    }
    options.headers = {write("headers", R"({"X-Event-Time": "2026-11-20T09:31:00Z"})")};
    expect_error(run(options, opened.body), errc::not_found, "no event key");
    options.headers = {write("headers", "nothing here\n")};
    expect_error(run(options, opened.body), errc::invalid, "no headers");
    options.headers = {write("headers", std::string(headers_file_bytes_max + 1, 'x'))};
    expect_error(run(options, opened.body), errc::invalid, "holds more than");
    options.headers = {(folder.path() / "none").string()};
    expect_error(run(options, opened.body), errc::not_found, "none: cannot be read");
    options.headers = {"-"};
    expect_error(run(options, opened.body), errc::invalid, "the headers in standard input: can be read once");
}

TEST_F(parse_command, a_time_of_the_headers_is_the_time_of_receipt)
{
    parse_options options;
    options.files = {"-"};
    options.headers = {write(
        "headers", R"({"X-Event-Key": "pullrequest:created", "X-Event-Time": "2026-11-20T09:31:00Z"})"
    )};
    EXPECT_EQ(
        run(options, opened.body).events().front().at("received_at").as_string(), "2026-11-20T09:31:00.000Z"
    );
}

TEST_F(parse_command, of_headers_of_one_name_the_first_counts_as_in_bodies)
{
    parse_options options;
    options.files = {"-"};
    for (auto const* text :
         {R"({"X-Event-Key": "pullrequest:created", "X-Event-Key": "repo:push"})",
          R"({"X-Event-Key": "pullrequest:created", "x-event-key": "repo:push"})",
          "X-Event-Key: pullrequest:created\nX-Event-Key: repo:push\n"})
    {
        options.headers = {write("headers", text)};
        EXPECT_EQ(run(options, opened.body).kinds(), names{"pull_request.opened"}) << text;
    }
}

TEST_F(parse_command, an_instance_is_judged_as_in_the_configuration)
{
    parse_options options;
    options.files = {"-"};
    for (auto const* wrong :
         {"acme", "ftp://git.acme.example", "https://", "https://ada:pw@git.acme.example"})
    {
        options.instance = wrong;
        expect_error(run(options, dc_opened.body), errc::invalid, "--instance must");
    }
    options.instance = "https://Git.acme.example/bitbucket/";
    EXPECT_EQ(
        run(options, dc_opened.body).events().at(0).at("instance").as_string(),
        "https://git.acme.example/bitbucket"
    );
    options.instance = "bitbucket.org";
    expect_error(run(options, dc_opened.body), errc::invalid, "give the base URL");
    options.event_keys = {"pullrequest:created"};
    EXPECT_EQ(run(options, opened.body).events().at(0).at("instance").as_string(), "bitbucket.org");
    options.instance = "https://git.acme.example";
    expect_error(run(options, opened.body), errc::invalid, "always bitbucket.org for Cloud");
}

// Advice about links is for the inbox.
TEST_F(parse_command, says_how_the_edition_was_known_where_it_is_the_wrong_one)
{
    auto const refused = [&](parse_options const& options, std::string const& body, std::string const& says)
    {
        auto const got = run(options, body);
        expect_error(got, errc::not_found, says);
        ASSERT_FALSE(got.ended);
        EXPECT_EQ(got.ended.error().message.find("link"), std::string::npos) << got.ended.error().message;
    };
    parse_options options;
    options.files = {"-"};
    options.event_keys = {"pullrequest:created"};
    options.edition = "data_center";
    refused(options, opened.body, "is of Bitbucket Cloud, not of Bitbucket Data Center; leave --edition out");
    options.event_keys = {"pr:opened"};
    options.edition = "cloud";
    refused(
        options, dc_opened.body, "is of Bitbucket Data Center, not of Bitbucket Cloud; leave --edition out"
    );
    options.edition = "";
    options.event_keys = {};
    options.headers = {write("headers", "X-Event-Key: pullrequest:created\nX-Request-Id: 1\n")};
    refused(
        options, opened.body, "its headers look like those of Bitbucket Data Center; give --edition cloud"
    );
    options.headers = {write("headers", "X-Event-Key: repo:unheard_of\nX-Request-Id: 1\n")};
    refused(options, opened.body, "guessed from its headers: --edition tells it");
    json::object shown{{"event_key", "pr:opened"}, {"edition", "cloud"}, {"body", dc_opened.body}};
    options.headers = {};
    refused(options, json::serialize(shown), "but the file says Bitbucket Cloud; give --edition data_center");
}

// The bodies of some keys hold no time, and two changes of one kind differ by that header alone.
TEST_F(parse_command, a_time_of_the_headers_is_the_time_of_the_event)
{
    auto const body = R"({"repository":{"uuid":"{r}","full_name":"acme/api"},)"
                      R"("changes":{"name":{"old":"a","new":"b"}}})";
    json::object shown{{"event_key", "repo:updated"}, {"edition", "cloud"}, {"body", body}};
    shown["received_at"] = "2026-11-20T09:40:00Z";
    shown["headers"] = json::object{{"X-Event-Time", "Fri, 20 Nov 2026 09:31:00 GMT"}};
    auto const first = write("first", json::serialize(shown));
    shown["headers"] = json::object{{"X-Event-Time", "Fri, 20 Nov 2026 09:32:00 GMT"}};
    auto const second = write("second", json::serialize(shown));
    parse_options options;
    options.files = {first, second, first};
    auto const events = run(options, "").events();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].at("occurred_at").as_string(), "2026-11-20T09:31:00.000Z");
    EXPECT_EQ(events[0].at("received_at").as_string(), "2026-11-20T09:40:00.000Z");
    EXPECT_EQ(events[1].at("occurred_at").as_string(), "2026-11-20T09:32:00.000Z");

    options.files = {write("body", body)};
    options.event_keys = {};
    options.headers = {
        write("headers", "X-Event-Key: repo:updated\nX-Event-Time: Fri, 20 Nov 2026 09:33:00 GMT\n")};
    EXPECT_EQ(run(options, "").events().at(0).at("occurred_at").as_string(), "2026-11-20T09:33:00.000Z");
}

TEST_F(parse_command, reads_what_events_show_prints)
{
    json::object shown;
    shown["delivery"] = 12;
    shown["edition"] = "cloud";
    shown["instance"] = "bitbucket.org";
    shown["received_at"] = "2026-11-20T09:31:00.000Z";
    shown["event_key"] = "pullrequest:created";
    shown["headers"] = json::object{{"X-Event-Key", "pullrequest:created"}};
    shown["body"] = opened.body;
    auto const got = run_input(json::serialize(shown), "");
    ASSERT_TRUE(got.ended) << got.ended.error().message;
    EXPECT_EQ(got.kinds(), names{"pull_request.opened"});
    EXPECT_EQ(got.events().front().at("received_at").as_string(), "2026-11-20T09:31:00.000Z");
    shown["body"] = json::parse(opened.body);
    shown.erase("edition");
    EXPECT_EQ(run_input(json::serialize(shown), "").kinds(), names{"pull_request.opened"});
}

TEST_F(parse_command, a_ping_is_recognised_and_prints_nothing)
{
    auto const got = run_input(R"({"test":true})", "diagnostics:ping");
    EXPECT_TRUE(got.ended) << got.ended.error().message;
    EXPECT_EQ(got.out + got.err, "");
    auto pending = object_of(sample_named(edition::cloud, "comment").body);
    pending["comment"].as_object()["pending"] = true;
    auto const unseen = run_input(json::serialize(pending), "pullrequest:comment_created");
    EXPECT_TRUE(unseen.ended);
    EXPECT_EQ(unseen.out + unseen.err, "");
}

TEST_F(parse_command, says_which_file_and_where)
{
    parse_options options;
    auto wrong = object_of(opened.body);
    wrong["pullrequest"].as_object()["title"] = 7;
    options.files = {
        write("good.json", opened.body),
        write("bad.json", json::serialize(wrong)),
        write("cut.json", "{\"a\":")};
    options.event_keys = {"pullrequest:created"};
    auto const got = run(options);
    EXPECT_EQ(got.kinds(), names{"pull_request.opened"});
    EXPECT_NE(got.err.find("bad.json: /pullrequest/title: expected a string"), std::string::npos) << got.err;
    EXPECT_NE(got.err.find("cut.json: the body is not JSON"), std::string::npos) << got.err;
    expect_error(got, errc::invalid, "2 of 3 deliveries were not recognised");
    options.json = true;
    EXPECT_TRUE(run(options).err.starts_with("{\n  \"error\": {")) << run(options).err;
}

TEST_F(parse_command, refuses_what_it_cannot_read)
{
    parse_options options;
    options.event_keys = {"pullrequest:created"};
    options.files = {(folder.path() / "none.json").string()};
    expect_error(run(options), errc::not_found, "none.json: cannot be read: there is no such file");
    options.files = {folder.path().string()};
    expect_error(run(options), errc::invalid, "cannot be read: it is a folder");
    for (auto const* nothing : {"", " \n"})
    {
        options.files = {write("empty.json", nothing)};
        expect_error(run(options), errc::invalid, "empty.json: the body is empty");
    }
    options.files = {write("mark.json", "\xef\xbb\xbf" + opened.body)};
    expect_error(
        run(options), errc::invalid, "mark.json: the body is not JSON: it is UTF-8 with a byte order mark"
    );
    options.files = {write("wide.json", std::string_view("\xff\xfe{\0}\0", 6))};
    expect_error(
        run(options), errc::invalid, "wide.json: the body is not JSON: it is UTF-16; save it as UTF-8"
    );
    options.files = {write("list.json", "[]")};
    expect_error(run(options), errc::invalid, "list.json: the body as a whole: expected an object");
    options.files = {write("big.json", std::string(delivery_file_bytes_max + 1, ' '))};
    expect_error(run(options), errc::invalid, std::to_string(delivery_file_bytes_max));
    options.files = {"-", "-"};
    auto const twice = run(options, opened.body);
    EXPECT_NE(twice.err.find("standard input: can be read once"), std::string::npos) << twice.err;
    options.event_keys = {"a", "b", "c"};
    expect_error(run(options), errc::invalid, "--event-key is given once");
    options.headers = {"h"};
    expect_error(run(options), errc::invalid, "not both");
    options.event_keys.clear();
    options.headers = {"h", "h", "h"};
    expect_error(run(options), errc::invalid, "--headers is given once");
}

TEST_F(parse_command, nothing_from_outside_commands_the_terminal)
{
    auto body = object_of(opened.body);
    body["pullrequest"].as_object()["title"] = "\x7f \xc2\x9b[2J \xe2\x80\xae";
    auto const got = run_input(json::serialize(body), "pullrequest:created");
    for (auto const* bad : {"\x7f", "\xc2\x9b", "\xe2\x80\xae"})
        EXPECT_EQ(got.out.find(bad), std::string::npos) << got.out;
    EXPECT_EQ(got.events().size(), 1u);
}

// --- the program itself

TEST_F(parse_command, needs_no_profile_and_ends_as_documented)
{
    program_profile profile;
    profile.variables.erase("HOME");
    profile.variables.erase("XDG_DATA_HOME");
    auto const good = profile.run({"parse", "--event-key", opened.event_key, "-"}, opened.body);
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_EQ(good.json().at("kind").as_string(), "pull_request.opened");
    EXPECT_EQ(profile.run({"parse", "-"}, dc_opened.body).code, 0);
    EXPECT_EQ(profile.run({"parse", "--event-key", "pullrequest:created", "-"}, "{}").code, 2);
    EXPECT_EQ(profile.run({"parse", "--event-key", "pr:unheard_of", "-"}, "{}").code, 3);
    EXPECT_EQ(profile.run({"parse", "/no/such/file"}).code, 3);
    EXPECT_EQ(profile.run({"parse"}).code, 2);
    EXPECT_FALSE(std::filesystem::exists(profile.database()));
}

}  // namespace
}  // namespace linkspan::test
