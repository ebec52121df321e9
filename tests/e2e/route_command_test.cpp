#include "store/deliveries.hpp"
#include "store/events.hpp"
#include "store/facts.hpp"
#include "store/store.hpp"
#include "store/waiting_deliveries.hpp"
#include "tests/support/events.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace linkspan::test
{
namespace
{

time_point const rules_begin = parse_time("2026-11-20T09:30:00Z").value();

constexpr char const* current = R"([[destination]]
name = "team"
link = "here"
[[destination]]
name = "log"
link = "here"
[[rule]]
name = "reviews"
repositories = ["acme/api"]
destinations = ["team"]
[[rule]]
name = "pushes"
kinds = ["branch.*", "tag.*"]
destinations = ["team"]
[[rule]]
name = "edits"
kinds = ["comment.edited"]
branches = ["release/*"]
destinations = ["log"]
)";

// Reviews stop, bots and drafts are silent, tags go to the log.
constexpr char const* changed = R"([[destination]]
name = "team"
link = "there"
channel = "#team"
[[destination]]
name = "log"
link = "here"
[[team]]
name = "platform"
members = ["557058:Ada"]
[[rule]]
name = "reviews"
projects = ["acme"]
bots = "none"
drafts = "none"
except_actors = ["@platform"]
stop = true
destinations = ["team"]
[[rule]]
name = "pushes"
kinds = ["branch.*"]
destinations = ["team"]
[[rule]]
name = "tags"
kinds = ["tag.*"]
repositories = ["acme/*"]
stop = true
destinations = ["log"]
[[rule]]
name = "rest"
kinds = ["**"]
except_kinds = ["branch.*", "build.*"]
destinations = ["log"]
)";

// Seven events of one morning, and where they went.
class route_command : public testing::Test
{
protected:
    route_command()
    {
        profile.run({"create-link", "--template", "console", "--name", "here"});
        profile.write_config(current);
        changed_file = profile.write("new.toml", changed).string();
        database = command_store::open(profile.database()).value();
    }

    void make_history()
    {
        using enum event_kind;
        insert(1, pull_request_opened, {"team"});
        auto pushed = sample_event(branch_updated);
        pushed.cause = "push 1";
        insert(2, pushed, {"team"});
        auto commits = sample_event(pull_request_commits_pushed);
        commits.cause = "push 1";
        commits.actor->id = "557058:Lin";
        commits.actor->name = "Lin";
        insert(3, commits, {"team"});
        write([](transaction& tx) { replace_deliveries(tx, {2}, "told with " + id_of(3)).value(); });
        auto by_bot = sample_event(comment_added);
        by_bot.actor = person{"557058:ci", "CI", person_kind::bot};
        insert(4, by_bot, {"team"});
        auto built = sample_event(build_failed);
        std::get<build>(built.detail).outdated = true;
        insert(5, built, {});
        auto tagged = sample_event(tag_created);
        tagged.repository = repository{"{9d2e}", "acme", "web", "acme/web", "Web", std::nullopt};
        insert(6, tagged, {"team"});
        auto draft = sample_event(pull_request_opened);
        draft.pull_request->draft = true;
        draft.actor->id = "557058:Lin";
        insert(7, draft, {"team"});
    }

    static std::string id_of(int number)
    {
        return "0193000" + std::to_string(number) + "-0000-7000-8000-000000000001";
    }

    static void number_it(event& happened, int number)
    {
        happened.received_at = rules_begin + seconds(number);
        happened.key = "key " + std::to_string(number);
        happened.id = event_id(id_of(number));
    }

    static planned_delivery planned_for(std::string const& destination)
    {
        planned_delivery out;
        out.destination = destination;
        out.conversation = "one";
        return out;
    }
    void insert(
        int number,
        event happened,
        std::vector<std::string> const& destinations,
        std::string const& why = "rule some: as it was then"
    )
    {
        number_it(happened, number);
        write(
            [&](transaction& tx)
            {
                auto const row = insert_event(tx, happened).value().value();
                for (auto const& destination : destinations)
                {
                    auto planned = planned_for(destination);
                    planned.why = why;
                    plan_deliveries(tx, row, {planned}, tx.now()).value();
                }
            }
        );
    }
    void insert(
        int number,
        event_kind kind,
        std::vector<std::string> const& destinations,
        std::string const& why = "rule some: as it was then"
    )
    {
        insert(number, sample_event(kind), destinations, why);
    }

    // An opened pull request of which a rule with paths was asked in vain.
    void insert_not_taken(int number, std::string const& destination, std::string const& reason)
    {
        auto happened = sample_event(event_kind::pull_request_opened);
        number_it(happened, number);
        write(
            [&](transaction& tx)
            {
                auto const row = insert_event(tx, happened).value().value();
                note_not_taken(tx, row, planned_for(destination), reason).value();
            }
        );
    }

    void write(std::function<void(transaction&)> const& work)
    {
        database
            .write<int>(
                rules_begin,
                [&](transaction& tx) -> result<int>
                {
                    work(tx);
                    return 0;
                }
            )
            .value();
    }

    // Twice the same, and as the golden file has it.
    void expect_output(std::string const& name, std::vector<std::string> const& arguments)
    {
        auto const first = profile.run(arguments);
        EXPECT_EQ(first.code, 0) << first.err;
        expect_golden("commands/" + name, first.out);
        EXPECT_EQ(profile.run(arguments).out, first.out);
    }

    program_run with_new(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), {"--config", changed_file});
        return profile.run(arguments);
    }

    program_profile profile;
    std::string changed_file;
    command_store database;
};

TEST_F(route_command, explain_tells_each_rule_and_where_it_went)
{
    make_history();
    expect_output("explain_opened.txt", {"explain", id_of(1)});
    expect_output("explain_tag.json", {"explain", "01930006", "--json"});
    expect_output("explain_outdated_build.txt", {"explain", "01930005"});
    expect_output("explain_stopped.txt", {"--config", changed_file, "explain", "01930003"});
    expect_output("explain_bot.txt", {"--config", changed_file, "explain", "01930004"});
}

TEST_F(route_command, explain_tells_of_paths_what_is_known)
{
    make_history();
    auto const file = profile.write(
        "paths.toml",
        std::string(current) +
            "[[rule]]\nname = \"sources\"\npaths = [\"src/**\"]\ndestinations = [\"log\"]\n"
    );
    auto const explain = [&] { return profile.run({"--config", file.string(), "explain", id_of(1)}).out; };
    auto told = explain();
    EXPECT_NE(told.find("needs"), told.npos) << told;
    EXPECT_NE(told.find("the changed files are needed, for src/**"), told.npos) << told;
    EXPECT_EQ(told.find("The rules of today"), told.npos) << "nobody knows: " << told;
    std::vector<std::string> const planning = {"plan", "--config", file.string(), "--since", "2026-11-20"};
    EXPECT_EQ(
        profile.run(planning).out,
        "No difference in what is decided: 7 events since 2026-11-20 00:00:00 UTC, 5 messages with either.\n"
        "Not counted, for the changed files of 4 events are not known: rules with paths may send up to 0 "
        "messages "
        "more now, up to 4 more with the new configuration.\n"
    );
    auto const keep = [&](std::string path)
    {
        known_paths known;
        known.paths = {std::move(path)};
        write(
            [&](transaction& tx)
            {
                auto const happened = find_event(tx, id_of(1)).value();
                keep_paths(tx, paths_question(happened).value(), known).value();
            }
        );
    };
    keep("a.md");
    told = explain();
    EXPECT_NE(told.find("none of 1 changed files matches src/**"), told.npos) << told;
    keep("src/a.cpp");
    told = explain();
    EXPECT_NE(told.find("The rules of today would send it to log"), told.npos) << told;
    auto as_json = planning;
    as_json.emplace_back("--json");
    auto const plan = profile.run(as_json);
    EXPECT_NE(plan.out.find("paths (src/**)"), plan.out.npos) << plan.out << plan.err;
    EXPECT_EQ(plan.json().at("undecided_events").as_int64(), 0) << "one answer for all of them";
}

TEST_F(route_command, explain_tells_of_paths_what_was_decided)
{
    auto const file = profile.write(
        "paths.toml",
        std::string(current) +
            "[[rule]]\nname = \"sources\"\npaths = [\"src/**\"]\ndestinations = [\"log\"]\n"
            "[[rule]]\nname = \"docs\"\npaths = [\"docs/**\"]\ndestinations = [\"log\"]\n"
            "[[rule]]\nname = \"more\"\npaths = [\"lib/**\"]\ndestinations = [\"team\"]\n"
    );
    auto const explain = [&](int number, std::string const& form) {
        return profile.run({"--config", file.string(), "explain", id_of(number), form});
    };
    auto const answers = [&](int number)
    {
        std::string out;
        auto const rules = explain(number, "--json").json().at("rules").as_array();
        for (auto const& one : rules)
            out.append(out.empty() ? "" : " ").append(one.at("answer").as_string());
        return out;
    };
    insert_not_taken(1, "log", "rule sources: paths: the changed files could not be had: no api");
    auto told = explain(1, "--no-color").out;
    EXPECT_NE(told.find("decided then: paths: the changed files could not be had: no api"), told.npos)
        << told;
    EXPECT_NE(told.find("It was sent nowhere; rules with paths decided so:\nDESTINATION"), told.npos) << told;
    EXPECT_EQ(answers(1), "yes no no no no needs") << "of team nothing was decided";
    insert(2, event_kind::pull_request_opened, {"team"});
    EXPECT_EQ(answers(2), "yes no no needs needs not_needed");
    insert(3, event_kind::pull_request_opened, {"log"}, "rule docs: all hold: kinds, paths (docs/**)");
    told = explain(3, "--no-color").out;
    EXPECT_NE(told.find("decided then: all hold: kinds, paths (docs/**)"), told.npos) << told;
    EXPECT_EQ(answers(3), "yes no no not_needed yes needs");
    insert_not_taken(4, "log", "rule docs: stop: rule sources took it");
    EXPECT_EQ(answers(4), "yes no no no stopped needs");
}

TEST_F(route_command, explain_takes_no_rule_for_one_whose_name_begins_so)
{
    auto const file = profile.write(
        "paths.toml",
        std::string(current) +
            "[[rule]]\nname = \"docs\"\npaths = [\"docs/**\"]\ndestinations = [\"log\"]\n"
            "[[rule]]\nname = \"docs: api\"\npaths = [\"api/**\"]\ndestinations = [\"log\"]\n"
    );
    insert(3, event_kind::pull_request_opened, {"log"}, "rule docs: api: all hold: paths (api/**)");
    auto const told = profile.run({"--config", file.string(), "explain", id_of(3), "--json"});
    auto const rules = told.json().at("rules").as_array();
    EXPECT_EQ(rules.at(3).at("answer").as_string(), "not_needed");
    EXPECT_EQ(rules.at(4).at("answer").as_string(), "yes");
}

TEST_F(route_command, a_terminal_shows_every_word_within_its_width)
{
    make_history();
    auto long_name = sample_event(event_kind::pull_request_opened);
    long_name.repository->full_name = "acme/" + std::string(60, 'r');
    insert(8, long_name, {"team"});
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"explain", id_of(5), "--no-color"},
             {"routes", "--no-color"},
             {"plan", "--config", changed_file, "--since", "2026-11-20", "--no-color"}})
    {
        unsigned short const columns = words.front() == "plan" ? 100 : 60;
        auto const shown = profile.run_on_screen(words, columns);
        EXPECT_EQ(shown.find("..."), std::string::npos) << shown;
        std::istringstream lines(shown.substr(shown.find("  ")));
        // Below the table stand sentences, which no width binds.
        for (std::string line; std::getline(lines, line) && line != "\r";)
            EXPECT_LE(line.size(), columns + 1U) << shown;
    }
}

TEST_F(route_command, explain_names_the_event_of_the_same_push)
{
    make_history();
    expect_output("explain_replaced.txt", {"explain", "01930002"});
    expect_output("explain_replacing.txt", {"explain", "01930003"});
    auto const told = profile.run({"explain", "01930002", "--json"}).json();
    EXPECT_EQ(told.at("deliveries").at(0).at("state").as_string(), "replaced");
    EXPECT_EQ(told.at("told_instead").at(0).at("event").as_string(), id_of(3));
    EXPECT_EQ(told.at("told_instead").at(0).at("kind").as_string(), "pull_request.commits_pushed");
    EXPECT_EQ(told.at("same_cause").at(0).at("event").as_string(), id_of(3));
    EXPECT_TRUE(told.at("changed_since").as_array().empty());
}

TEST_F(route_command, explain_says_what_is_wrong)
{
    EXPECT_EQ(profile.run({"explain", "01930001"}).code, 3);
    make_history();
    EXPECT_EQ(profile.run({"explain", "ffffffff"}).code, 3);
    EXPECT_EQ(profile.run({"explain", "0193"}).code, 3) << "too short to name one";
    auto const delivery = profile.run({"explain", "12"});
    EXPECT_EQ(delivery.code, 3);
    EXPECT_NE(delivery.err.find("linkspan events show 12 tells more"), std::string::npos) << delivery.err;
    insert(8, event_kind::task_added, {});
    auto other = sample_event(event_kind::task_added);
    write(
        [&](transaction& tx)
        {
            other.id = event_id("01930008-0000-7000-8000-000000000002");
            other.key = "another";
            insert_event(tx, other).value();
        }
    );
    EXPECT_EQ(profile.run({"explain", "01930008"}).code, 4);
    EXPECT_EQ(profile.run({"--config", "/no/such/file", "explain", "01930001"}).code, 3);
    profile.write_config("[[rule]]\ndestinations = [\"x\"]\n");
    auto const faulty = profile.run({"explain", "01930001"});
    EXPECT_EQ(faulty.code, 2);
    EXPECT_NE(faulty.err.find("which is no destination; add a [[destination]]"), std::string::npos)
        << faulty.err;
    program_profile const empty;
    EXPECT_EQ(empty.run({"explain", "01930001"}).code, 3);
    EXPECT_FALSE(std::filesystem::exists(empty.database()));
}

TEST_F(route_command, routes_tell_what_else_must_hold)
{
    expect_output("routes.txt", {"routes"});
    expect_output("routes_new.txt", {"--config", changed_file, "routes"});
    expect_output("routes_repository.json", {"routes", "--repository", "acme/api", "--json"});
    expect_output(
        "routes_behind_a_stop.txt",
        {"--config", changed_file, "routes", "--repository", "acme/web", "--kind", "tag.*"}
    );
    expect_output("routes_destination.txt", {"routes", "--destination", "log"});
    auto const none = profile.run({"routes", "--repository", "other/x", "--kind", "task.*"});
    EXPECT_EQ(none.code, 0);
    EXPECT_EQ(none.out, "");
    EXPECT_EQ(none.err, "No rule takes such events.\n");
}

TEST_F(route_command, routes_say_what_is_wrong)
{
    auto const unknown = profile.run({"routes", "--destination", "tem"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_NE(unknown.err.find("did you mean \"team\"?"), std::string::npos) << unknown.err;
    EXPECT_EQ(profile.run({"routes", "--repository", "acme/*"}).code, 2);
    EXPECT_EQ(profile.run({"routes", "--repository", "acme"}).code, 2);
    EXPECT_EQ(profile.run({"routes", "--kind", "coment.added"}).code, 2);
    EXPECT_EQ(profile.run({"--config", "/no/such/file", "routes"}).code, 3);
    profile.write_config("[[rule]]\n");
    EXPECT_EQ(profile.run({"routes"}).code, 2);
}

TEST_F(route_command, plan_tells_what_would_have_been_sent)
{
    make_history();
    auto const before = profile.run({"events", "show", id_of(2), "--json"}).out;
    std::vector<std::string> const arguments = {"plan", "--config", changed_file, "--since", "2026-11-20"};
    expect_output("plan.txt", arguments);
    auto as_json = arguments;
    as_json.emplace_back("--json");
    expect_output("plan.json", as_json);
    EXPECT_EQ(profile.run(as_json).json().at("since").as_string(), "2026-11-20T00:00:00.000Z");
    EXPECT_EQ(profile.run({"events", "show", id_of(2), "--json"}).out, before) << "it reads only";

    auto few = arguments;
    few.insert(few.end(), {"--limit", "2"});
    auto const cut = profile.run(few).out;
    EXPECT_NE(cut.find("These are the newest 2 events of that time; --limit takes more."), std::string::npos)
        << cut;
    EXPECT_EQ(cut.find(id_of(4).substr(0, 8)), std::string::npos) << cut;
    few.back() = "7";
    EXPECT_EQ(profile.run(few).out, profile.run(arguments).out);
}

TEST_F(route_command, plan_finds_no_difference)
{
    make_history();
    auto const same = profile.run({"plan", "--config", profile.config().string(), "--since", "2026-11-20"});
    EXPECT_EQ(same.code, 0) << same.err;
    EXPECT_EQ(same.out, "No difference: 7 events since 2026-11-20 00:00:00 UTC, 5 messages with either.\n");
    auto const other_way = with_new({"plan", "--config", changed_file, "--since", "2026-11-20"});
    EXPECT_TRUE(other_way.out.starts_with("No difference: 7 events")) << other_way.out;
}

TEST_F(route_command, plan_takes_a_time_ago)
{
    make_history();
    auto recent = sample_event(event_kind::pull_request_opened);
    recent.id = event_id("01940000-0000-7000-8000-000000000001");
    recent.key = "recent";
    recent.received_at =
        std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()) - std::chrono::hours(2);
    write([&](transaction& tx) { insert_event(tx, recent).value(); });
    auto const count = [&](std::string const& since)
    {
        auto const run = profile.run({"plan", "--config", changed_file, "--since", since, "--json"});
        EXPECT_EQ(run.code, 0) << since << run.err;
        return run.json().at("events").as_int64();
    };
    EXPECT_EQ(count("30m"), 0);
    EXPECT_EQ(count("15min"), 0);
    EXPECT_GE(count("24h"), 1);
    EXPECT_GE(count("7d"), 1);
    EXPECT_GE(count("2026-11-20T09:30:07Z"), 1);
}

TEST_F(route_command, plan_says_what_is_wrong)
{
    std::string const own = profile.config().string();
    EXPECT_EQ(profile.run({"plan", "--config", own}).code, 2) << "since when?";
    EXPECT_EQ(profile.run({"plan", "--since", "7d"}).code, 2) << "what would be new?";
    auto const before_it = profile.run({"--config", changed_file, "plan", "--since", "7d"});
    EXPECT_EQ(before_it.code, 2);
    EXPECT_NE(before_it.err.find("behind the word plan: linkspan plan --config NEW"), std::string::npos)
        << before_it.err;
    EXPECT_EQ(profile.run({"plan", "--config", own, "--since", "7 weeks"}).code, 2);
    auto const to_come = profile.run({"plan", "--config", own, "--since", "2999-01-01"});
    EXPECT_EQ(to_come.code, 2);
    EXPECT_NE(to_come.err.find("--since 2999-01-01 is still to come"), std::string::npos) << to_come.err;
    EXPECT_EQ(profile.run({"plan", "--config", "/no/such/file", "--since", "7d"}).code, 3);
    for (auto const* limit : {"0", "1000001", "-1"})
        EXPECT_EQ(profile.run({"plan", "--config", own, "--since", "7d", "--limit", limit}).code, 2) << limit;
    auto const bad = profile.write("bad.toml", "[[rule]]\nkind = []\n").string();
    auto const faulty = profile.run({"plan", "--config", bad, "--since", "7d"});
    EXPECT_EQ(faulty.code, 2);
    EXPECT_NE(faulty.err.find("bad.toml:1"), std::string::npos) << faulty.err;
    program_profile const empty;
    auto const nothing = empty.run({"plan", "--config", changed_file, "--since", "7d"});
    EXPECT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_FALSE(std::filesystem::exists(empty.database()));
}

}  // namespace
}  // namespace linkspan::test
