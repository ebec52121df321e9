#pragma once
#include "core/event/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What a person reads about an event, before any service's markup. Renderers escape every text: all of it may
// have been written by strangers.

enum class span_style
{
    text,
    actor,  // a person's name
    link,   // url says where to; as Bitbucket sent it, so its scheme is not checked
    code,   // a branch, a path, a commit
};

struct telling_span
{
    span_style style = span_style::text;
    std::string text;
    std::string url;  // of a link

    bool operator==(telling_span const&) const = default;
};

// How good the news is, for colours.
enum class telling_mood
{
    neutral,
    good,
    bad,
};

struct telling_quote
{
    std::string text;        // Markdown as written, at most quote_bytes_max bytes of UTF-8, several lines
    bool shortened = false;  // the rest was cut off

    bool operator==(telling_quote const&) const = default;
};

struct telling_suggestion
{
    std::string text;   // the lines to be put in; empty: none, the old ones go
    std::string lines;  // "line 42" or "lines 40-42": those that they replace; empty: not known

    bool operator==(telling_suggestion const&) const = default;
};

struct telling
{
    std::vector<telling_span> headline;           // one line, without a full stop; never empty
    std::optional<telling_quote> quote;           // comment, description, reason, or list of commits
    std::vector<std::string> notes;               // short lines below the quote: "Attached: trace.log"
    std::optional<std::string> anchor;            // "src/a.cpp:10-12"
    std::vector<telling_suggestion> suggestions;  // what a comment wants to put at the anchor
    bool is_reply = false;                        // belongs below an earlier comment
    telling_mood mood = telling_mood::neutral;

    bool operator==(telling const&) const = default;
};

// Limits, in bytes: what is longer ends in "...".
inline constexpr std::size_t quote_bytes_max = 1500;
inline constexpr std::size_t name_bytes_max = 120;      // people, builds, tasks
inline constexpr std::size_t title_bytes_max = 255;     // titles, branches, paths
inline constexpr std::size_t commits_told_max = 5;      // of a push; the headline has the number of all
inline constexpr std::size_t attachments_told_max = 5;  // by name; the rest is counted

// Tells an event. Every kind has a text, and so has an event that lacks every optional member.
telling tell(event const& happened);

// The headline's texts in a row, without markup.
std::string plain_text(std::vector<telling_span> const& headline);

// "src/a.cpp:10-12", "src/a.cpp:10", "src/a.cpp"; " (old)" is added for lines that the change removes.
std::string anchor_text(inline_anchor const& anchor);

}  // namespace linkspan
