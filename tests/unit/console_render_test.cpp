#include "links/console/console.hpp"
#include "links/console/render.hpp"
#include "links/console/terminal_text.hpp"
#include "tests/support/events.hpp"
#include "tests/support/golden.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using console::render;
using console::terminal_text;
using enum event_kind;

event console_suggestion()
{
    auto happened = test::sample_event(comment_added);
    auto& said = std::get<comment_detail>(happened.detail).comment;
    said.text =
        "A name says more:\n\n```suggestion\nif (count > per_second_max)\n    return refuse();\n```\n";
    said.suggestions = {linkspan::suggestion("if (count > per_second_max)\n    return refuse();")};
    return happened;
}

event reply()
{
    auto happened = test::sample_event(comment_added);
    auto& said = std::get<comment_detail>(happened.detail).comment;
    said.parent = 40;
    said.text = "Done.";
    return happened;
}

TEST(console_render, golden)
{
    test::expect_golden("console/opened.txt", render(test::sample_event(pull_request_opened), false));
    test::expect_golden("console/opened_colour.txt", render(test::sample_event(pull_request_opened), true));
    test::expect_golden("console/comment.txt", render(test::sample_event(comment_added), false));
    test::expect_golden("console/suggestion.txt", render(console_suggestion(), false));
    test::expect_golden("console/suggestion_colour.txt", render(console_suggestion(), true));
    test::expect_golden("console/reply.txt", render(reply(), false));
    test::expect_golden("console/pushed.txt", render(test::sample_event(pull_request_commits_pushed), false));
    test::expect_golden("console/build_failed_colour.txt", render(test::sample_event(build_failed), true));
    test::expect_golden("console/merged.txt", render(test::sample_event(pull_request_merged), false));

    test::expect_golden("console/every_detail.txt", render(test::detailed_comment(), false));
    std::string all;
    for (auto const& row : kind_names)
        all += render(test::sample_event(row.kind), false);
    test::expect_golden("console/every_kind.txt", all);
}

TEST(console_render, long_quotes_and_suggestions_end)
{
    auto happened = console_suggestion();
    auto& said = std::get<comment_detail>(happened.detail).comment;
    said.suggestions = {linkspan::suggestion("")};
    EXPECT_NE(render(happened, false).find("(delete these lines)"), std::string::npos);
    said.suggestions = {linkspan::suggestion(std::string(200, '\n'))};
    EXPECT_NE(render(happened, false).find("... 161 more lines"), std::string::npos);
    said.suggestions.clear();
    said.text = std::string("x") + std::string(500, '\n') + "y";
    EXPECT_NE(render(happened, false).find("... 481 more lines"), std::string::npos);
}

TEST(console_render, nothing_from_outside_commands_the_terminal)
{
    std::string const evil =
        "\x1b[2J\x1b]0;title\x07\xc2\x9b"
        "31mx\r\x08\x7f\u202e";
    auto happened = console_suggestion();
    happened.actor->name = evil;
    happened.repository->full_name = evil;
    auto& said = std::get<comment_detail>(happened.detail).comment;
    said.text = evil;
    said.anchor->path = evil;
    said.suggestions = {linkspan::suggestion(evil)};
    for (auto const& row : kind_names)
    {
        happened.kind = row.kind;
        for (char const c : render(happened, false))
            EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << row.name << ": " << int(c);
    }
}

TEST(terminal_text, takes_escape_sequences_out_whole)
{
    EXPECT_EQ(terminal_text("a\x1b[31;1mb\x1b[0mc"), "abc");
    EXPECT_EQ(
        terminal_text("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x07"
                      "b"),
        "alinkb"
    );
    EXPECT_EQ(
        terminal_text("a\x1bPq#1~\x1b\\b\x1b(Bc\x1b"
                      "cd"),
        "abcd"
    );
    EXPECT_EQ(terminal_text("a\u009b31mb\u009d0;t\u009cc"), "abc");
    EXPECT_EQ(
        terminal_text("a\x9b"
                      "31m"),
        "a?31m"
    );
    EXPECT_EQ(terminal_text("a\x1b"), "a");
    EXPECT_EQ(terminal_text("a\x1b["), "a");
    EXPECT_EQ(terminal_text("a\x1b]never ended\nb"), "a\nb");
    EXPECT_EQ(terminal_text("a\x1b[31\nb"), "a\nb");
}

TEST(terminal_text, keeps_what_people_write)
{
    EXPECT_EQ(terminal_text("a\r\n\tb"), "a\n    b");
    EXPECT_EQ(terminal_text("\u00e9 \u20ac \U0001f600 [31m"), "\u00e9 \u20ac \U0001f600 [31m");
    EXPECT_EQ(terminal_text(std::string_view("a\0b\x7f", 4)), "ab");
    EXPECT_EQ(terminal_text("a\u202eb\u2066c\u200f"), "abc");
}

TEST(console_template, checks_its_colour)
{
    link_fields fields;
    EXPECT_TRUE(console::console_template.check(fields));
    for (auto const* value : {"auto", "always", "never"})
    {
        fields["colour"] = secret(value);
        EXPECT_TRUE(console::console_template.check(fields)) << value;
    }
    fields["colour"] = secret("yes");
    EXPECT_EQ(console::console_template.check(fields).error().code, errc::invalid);
}

}  // namespace
}  // namespace linkspan
