#include "links/slack/escape.hpp"
#include "links/slack/render.hpp"
#include "tests/support/environment.hpp"
#include "tests/support/events.hpp"
#include "tests/support/golden.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <set>

namespace linkspan
{
namespace
{

namespace json = boost::json;
using slack::escape;
using enum event_kind;

json::object render(event const& happened)
{
    return slack::render(happened, "C0123456789");
}

comment& said_in(event& happened)
{
    return std::get<comment_detail>(happened.detail).comment;
}

event slack_suggestion()
{
    auto happened = test::sample_event(comment_added);
    said_in(happened).text =
        "A name says more:\n\n```suggestion\nif (a < b && c > d)\n    return refuse();\n```\n";
    said_in(happened).suggestions = {linkspan::suggestion("if (a < b && c > d)\n    return refuse();")};
    return happened;
}

// Every text that Slack reads as markup.
std::vector<std::string> texts_of(json::value const& value)
{
    std::vector<std::string> found;
    if (auto const* const object = value.if_object())
    {
        for (auto const& [key, member] : *object)
        {
            if (key == "text" && member.is_string())
                found.emplace_back(std::string_view(member.get_string()));
            auto const below = texts_of(member);
            found.insert(found.end(), below.begin(), below.end());
        }
    }
    else if (auto const* const array = value.if_array())
        for (auto const& element : *array)
        {
            auto const below = texts_of(element);
            found.insert(found.end(), below.begin(), below.end());
        }
    return found;
}

TEST(slack_render, golden)
{
    auto const expect = [](std::string const& name, event const& happened)
    { test::expect_golden("slack/" + name + ".json", test::pretty(render(happened))); };
    expect("opened", test::sample_event(pull_request_opened));
    expect("comment", test::sample_event(comment_added));
    expect("suggestion", slack_suggestion());
    expect("changes_requested", test::sample_event(pull_request_changes_requested));
    expect("pushed", test::sample_event(pull_request_commits_pushed));
    expect("build_failed", test::sample_event(build_failed));
    expect("merged", test::sample_event(pull_request_merged));
    expect("bare", test::bare_event(pull_request_opened));
    expect("every_detail", test::detailed_comment());

    json::array all;
    for (auto const& row : kind_names)
        all.push_back(render(test::sample_event(row.kind)));
    test::expect_golden("slack/every_kind.json", test::pretty(all));
}

TEST(slack_render, notes_stand_below_the_quote_and_above_the_suggestions)
{
    std::vector<std::string> begins;
    for (auto const& text : texts_of(render(test::detailed_comment()).at("blocks")))
        begins.push_back(text.substr(0, 8));
    EXPECT_EQ(
        begins,
        (std::vector<std::string>{"*Grace* ", "> A name", "Attached", "_Replace", "_(delete", "<https:/"})
    );
}

TEST(slack_render, nothing_from_outside_is_markup_of_slack)
{
    std::string const evil = "<!channel> <@U123> <https://evil.example|x> & *b* `c`";
    for (auto const& row : kind_names)
    {
        auto happened = slack_suggestion();
        happened.kind = row.kind;
        happened.actor->name = evil;
        happened.repository->full_name = evil;
        happened.pull_request->title = evil;
        happened.pull_request->source->branch = evil;
        said_in(happened).text = evil;
        said_in(happened).anchor->path = evil;
        said_in(happened).suggestions = {linkspan::suggestion(evil, 1, 2)};
        said_in(happened).attachments = {{evil, evil}};
        std::get<comment_detail>(happened.detail).previous_text = evil;
        for (auto const& text : texts_of(render(happened)))
            for (auto const* bad : {"<!", "<@", "<#", "<https://evil", " & "})
                EXPECT_EQ(text.find(bad), text.npos) << row.name << ": " << text;
    }
}

TEST(slack_render, mentions_are_not_looked_for)
{
    auto const message = render(test::sample_event(comment_added));
    for (auto const& block : message.at("blocks").as_array())
    {
        auto const& object = block.as_object();
        auto const& text = object.contains("text") ? object.at("text") : object.at("elements").at(0);
        EXPECT_TRUE(text.at("verbatim").as_bool());
    }
    EXPECT_FALSE(message.contains("link_names"));
}

TEST(slack_render, stays_below_slacks_limits)
{
    for (auto const& row : kind_names)
    {
        auto happened = slack_suggestion();
        happened.kind = row.kind;
        // Each "<" becomes four bytes.
        std::string const much(20'000, '<');
        happened.actor->name = much;
        happened.pull_request->title = much;
        happened.pull_request->description = much;
        happened.pull_request->source->branch = much;
        happened.repository->full_name = much;
        said_in(happened).text = much;
        said_in(happened).url = "https://x.example/" + much;
        said_in(happened).anchor->path = much;
        said_in(happened).suggestions.assign(200, linkspan::suggestion(much, 1, 1'000'000));
        said_in(happened).attachments.assign(200, attachment{much, much});
        std::get<comment_detail>(happened.detail).previous_text = much;
        auto const message = render(happened);
        EXPECT_LE(message.at("blocks").as_array().size(), slack::blocks_max) << row.name;
        EXPECT_LE(message.at("text").as_string().size(), slack::message_text_max) << row.name;
        for (auto const& text : texts_of(message.at("blocks")))
        {
            EXPECT_LE(text.size(), slack::section_text_max) << row.name;
            EXPECT_FALSE(text.empty()) << row.name;
        }
    }
}

TEST(slack_render, cut_texts_are_still_json_and_utf8)
{
    auto happened = test::sample_event(comment_added);
    said_in(happened).text.reset();
    for (std::size_t shift = 0; shift < 4; ++shift)
    {
        std::string text(shift, 'x');
        for (int i = 0; i < 3000; ++i)
            text += "\U0001f600";
        said_in(happened).suggestions = {linkspan::suggestion(text)};
        boost::system::error_code failure;
        json::parse(json::serialize(render(happened)), failure);  // refuses broken UTF-8
        EXPECT_FALSE(failure) << shift;
    }
}

TEST(slack_render, uses_only_arguments_that_slack_has)
{
    auto const folder = test::specs();
    if (!folder)
        GTEST_SKIP() << "LINKSPAN_SPECS is not set";
    auto const spec = json::parse(test::read_file(*folder / "slack-web.swagger.json"));
    std::set<std::string> names;
    for (auto const& parameter :
         spec.at("paths").at("/chat.postMessage").at("post").at("parameters").as_array())
        names.emplace(parameter.at("name").as_string());
    for (auto const& [key, value] : render(slack_suggestion()))
        EXPECT_TRUE(names.contains(std::string(key))) << key;
}

TEST(slack_escape, escapes_and_cuts_before_entities)
{
    EXPECT_EQ(escape("a<b>&c", 100), "a&lt;b&gt;&amp;c");
    EXPECT_EQ(escape("<<<<", 16), "&lt;&lt;&lt;&lt;");
    EXPECT_EQ(escape("<<<<<", 16), "&lt;&lt;&lt;...");
    EXPECT_EQ(escape("<<<<", 14), "&lt;&lt;...");
    EXPECT_EQ(escape("ab\u20accdef", 8), "ab\u20ac...");
    EXPECT_EQ(escape("ab\u20accdef", 7), "ab...");
    EXPECT_EQ(escape("abc", 2), "");
    EXPECT_EQ(escape("a\x1b\x80\tb\nc\u0085", 100), "a?\tb\nc");
}

TEST(slack_escape, link_targets)
{
    EXPECT_EQ(
        slack::link_target("https://x.example/a?b=1&c=<2>|3"), "https://x.example/a?b=1&amp;c=&lt;2&gt;%7C3"
    );
    EXPECT_TRUE(slack::link_target("http://x.example/"));
    for (auto const* url :
         {"", "javascript:alert(1)", "ftp://x", "//x", "https://x y", "https://x\ny", "HTTPS"})
        EXPECT_FALSE(slack::link_target(url)) << url;
    EXPECT_FALSE(slack::link_target("https://x/" + std::string(5000, 'x')));
}

TEST(slack_render, fences_in_code_do_not_end_the_block)
{
    auto happened = slack_suggestion();
    said_in(happened).suggestions = {linkspan::suggestion("```\nx\n`````")};
    bool seen = false;
    for (auto const& text : texts_of(render(happened)))
        if (text.starts_with("```\n"))
        {
            seen = true;
            EXPECT_EQ(text.find("```", 3), text.size() - 3) << text;
        }
    EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace linkspan
