#include "core/markup/attachments.hpp"

#include "core/bitbucket/comment_text.hpp"
#include "core/markup/suggestions.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace linkspan
{

void PrintTo(linked_file const& file, std::ostream* out)
{
    *out << file.label << " -> " << file.target;
}

namespace
{

using files = std::vector<linked_file>;

TEST(attachments, are_pictures_and_links_to_uploads_in_their_order)
{
    EXPECT_EQ(
        attachments_in("See [the trace](attachment:12/trace.log), ![the graph](attachment:13/graph.png) and\n"
                       "![](https://bitbucket.org/repo/AbC/images/1-shot.png)"),
        (files{
            {"the trace", "attachment:12/trace.log"},
            {"the graph", "attachment:13/graph.png"},
            {"", "https://bitbucket.org/repo/AbC/images/1-shot.png"}})
    );
    EXPECT_EQ(
        attachments_in("![graph][1]\n\n[1]: https://example.com/graph.png \"a title\"\n"),
        (files{{"graph", "https://example.com/graph.png"}})
    );
}

TEST(attachments, are_labelled_by_what_people_see)
{
    EXPECT_EQ(
        attachments_in("[a *bold* `code` &amp; more](attachment:1/a)"),
        (files{{"a bold code & more", "attachment:1/a"}})
    );
    // A picture as a link's text is a file of its own.
    EXPECT_EQ(
        attachments_in("[![small](attachment:2/small.png)](attachment:2/large.png)"),
        (files{{"small", "attachment:2/large.png"}, {"small", "attachment:2/small.png"}})
    );
}

TEST(attachments, other_links_and_code_are_none)
{
    EXPECT_EQ(attachments_in(""), files());
    EXPECT_EQ(attachments_in("No link (at all)."), files());
    EXPECT_EQ(attachments_in("[a page](https://example.com/attachment:1)"), files());
    EXPECT_EQ(attachments_in("[a page](Attachment:1/a)"), files());
    EXPECT_EQ(attachments_in("[nowhere]() ![nothing]()"), files());
    EXPECT_EQ(attachments_in("`![x](attachment:1/x)`\n\n    ![x](attachment:1/x)\n"), files());
    EXPECT_EQ(attachments_in("```\n![x](attachment:1/x)\n```\n"), files());
    EXPECT_EQ(attachments_in("![broken](attachment:1/x"), files());
}

TEST(attachments, beyond_the_limit_are_not_listed)
{
    std::string text;
    for (std::size_t i = 0; i < attachments_max + 1; ++i)
        text += "![" + std::to_string(i) + "](a" + std::to_string(i) + ")\n";
    auto const found = attachments_in(text);
    ASSERT_EQ(found.size(), attachments_max);
    EXPECT_EQ(found.front(), (linked_file{"0", "a0"}));
    EXPECT_EQ(found.back().label, std::to_string(attachments_max - 1));
}

TEST(attachments, behind_the_readable_part_of_a_text_are_not_read)
{
    std::string const before(markdown_bytes_max, 'x');
    EXPECT_EQ(attachments_in(before + " ![late](a)"), files());
    EXPECT_EQ(attachments_in(before.substr(20) + " ![in time](a)").size(), 1u);
}

TEST(attachments, bytes_that_are_no_utf8_do_no_harm)
{
    auto const found = attachments_in("![\xff\xc3](a\xff)");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().label, "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(attachments, stand_in_the_comment_that_is_told)
{
    comment said;
    read_comment_text(said);
    EXPECT_TRUE(said.attachments.empty()) << "a comment without a text";
    said.text = "![graph](attachment:13/graph.png)";
    read_comment_text(said);
    ASSERT_EQ(said.attachments.size(), 1u);
    EXPECT_EQ(said.attachments[0].name, "graph");
    EXPECT_EQ(said.attachments[0].url, "attachment:13/graph.png");
}

}  // namespace
}  // namespace linkspan
