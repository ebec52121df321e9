#include "core/markup/suggestions.hpp"

#include <gtest/gtest.h>

namespace linkspan
{
namespace
{

using texts = std::vector<std::string>;

TEST(suggestions, finds_every_block)
{
    EXPECT_EQ(
        suggestions_in("Maybe:\n```suggestion\n  int a;\n\n  int b;\n```\nor\n~~~ suggestion\nlong a;\n~~~\n"
        ),
        (texts{"  int a;\n\n  int b;", "long a;"})
    );
    EXPECT_EQ(suggestions_in("```suggestion\r\nint a;\r\n```\r\n"), texts{"int a;"});
    EXPECT_EQ(suggestions_in("````suggestion\n```\n````"), texts{"```"});
    EXPECT_EQ(suggestions_in("```suggestion:-0+1\nx\n```"), texts{});
    EXPECT_EQ(suggestions_in("- item\n\n  ```suggestion\n  x\n  ```\n"), texts{"x"});
}

TEST(suggestions, an_empty_block_deletes_the_lines)
{
    EXPECT_EQ(suggestions_in("```suggestion\n```"), texts{""});
}

TEST(suggestions, other_code_is_none)
{
    EXPECT_EQ(suggestions_in("```cpp\nsuggestion\n```\n\n    ```suggestion\n    x\n"), texts{});
    EXPECT_EQ(suggestions_in("A suggestion: `suggestion`"), texts{});
    EXPECT_EQ(suggestions_in(""), texts{});
}

TEST(suggestions, an_open_block_runs_to_the_end)
{
    EXPECT_EQ(suggestions_in("```suggestion\nint a;"), texts{"int a;"});
    EXPECT_EQ(without_suggestions("x\n```suggestion\nint a;"), "x\n");
}

TEST(suggestions, what_is_behind_the_limit_is_not_read)
{
    std::string const text = std::string(markdown_bytes_max, 'x') + "\n\n```suggestion\nint a;\n```\n";
    EXPECT_EQ(suggestions_in(text), texts{});
    EXPECT_EQ(without_suggestions(text), text);
}

TEST(suggestions, the_rest_of_the_text_stays_as_written)
{
    EXPECT_EQ(
        without_suggestions("a\n\n```suggestion\nb\n```\nc *d*\n\n```cpp\ne\n```"),
        "a\n\nc *d*\n\n```cpp\ne\n```"
    );
    EXPECT_EQ(without_suggestions("a\r\n```suggestion\r\nb\r\n```\r\nc\r\n"), "a\r\nc\r\n");
    EXPECT_EQ(without_suggestions("nothing here"), "nothing here");
}

TEST(suggestions, hostile_texts_take_no_time)
{
    std::string quotes = "suggestion\n", pipes = "suggestion\n", ticks = "suggestion\n";
    for (int i = 0; i < 20'000; ++i)
    {
        quotes += "> ";
        pipes += "|-";
        ticks += "`";
    }
    for (auto const& text : {quotes, pipes, ticks})
        EXPECT_EQ(without_suggestions(text), text);
}

}  // namespace
}  // namespace linkspan
