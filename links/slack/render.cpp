#include "links/slack/render.hpp"

#include "core/conversation/story.hpp"
#include "links/slack/escape.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace linkspan::slack
{
namespace
{

namespace json = boost::json;

// A headline is short (its parts have limits); this leaves room for its markup in one section.
constexpr std::size_t span_bytes_max = 1200;
constexpr std::size_t quote_line_bytes_max = 2900;

std::string linked(std::string_view text, std::string_view url)
{
    auto const target = link_target(url);
    std::string const label = escape(text, span_bytes_max);
    return target ? "<" + *target + "|" + label + ">" : label;
}

std::string styled(std::string_view text, char mark)
{
    std::string const safe = escape(text, span_bytes_max);
    // Slack styles only what is set off by blanks; the text itself must not end the style.
    return is_plain(text) ? mark + safe + mark : safe;
}

std::string markup_of(telling_span const& span)
{
    switch (span.style)
    {
        case span_style::actor:
            return styled(span.text, '*');
        case span_style::code:
            return styled(span.text, '`');
        case span_style::link:
            return linked(span.text, span.url);
        case span_style::text:
            break;
    }
    return escape(span.text, span_bytes_max);
}

// verbatim: Slack must not make mentions and channel links out of "@here" and "#general".
json::object mrkdwn(std::string text)
{
    return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}};
}

json::object section(std::string text)
{
    return {{"type", "section"}, {"text", mrkdwn(std::move(text))}};
}

json::object context(std::string text)
{
    return {{"type", "context"}, {"elements", json::array{mrkdwn(std::move(text))}}};
}

std::string headline_markup(telling const& told)
{
    std::string text;
    for (auto const& span : told.headline)
    {
        std::string const next = markup_of(span);
        if (text.size() + next.size() > section_text_max)
            break;
        text += next;
    }
    return text;
}

// Every line behind "> ", as long as the section holds it.
std::string quote_markup(telling_quote const& quote)
{
    std::string text;
    std::string_view rest = quote.text;
    while (!rest.empty())
    {
        auto const stop = std::min(rest.find('\n'), rest.size());
        std::string const line = "> " + escape(rest.substr(0, stop), quote_line_bytes_max) + "\n";
        if (text.size() + line.size() + sizeof("> ...") > section_text_max)
            return text + "> ...";
        text += line;
        rest.remove_prefix(std::min(stop + 1, rest.size()));
    }
    if (quote.shortened)
        return text + "> ...";
    text.pop_back();
    return text;
}

// Three backticks in a row would end the block: a zero-width space parts them.
std::string without_fences(std::string_view code)
{
    std::string text;
    std::size_t row = 0;
    for (char const c : code)
    {
        row = c == '`' ? row + 1 : 0;
        if (row == 3)
        {
            text += "\u200b";
            row = 1;
        }
        text += c;
    }
    return text;
}

std::string suggestion_markup(telling_suggestion const& suggestion)
{
    if (suggestion.text.empty())
        return suggestion.lines.empty() ? "_(delete these lines)_" : "_(delete " + suggestion.lines + ")_";
    std::string const head = suggestion.lines.empty() ? "" : "_Replace " + suggestion.lines + ":_\n";
    constexpr std::string_view fence = "```";
    auto const room = section_text_max - head.size() - 2 * fence.size() - 2;
    std::string const code = escape(without_fences(suggestion.text), room);
    return head + std::string(fence) + "\n" + code + "\n" + std::string(fence);
}

void add_suggestions(json::array& blocks, telling const& told)
{
    std::size_t const shown = std::min(told.suggestions.size(), suggestions_shown_max);
    for (std::size_t i = 0; i < shown; ++i)
        blocks.push_back(section(suggestion_markup(told.suggestions[i])));
    if (shown < told.suggestions.size())
        blocks.push_back(
            section("_and " + std::to_string(told.suggestions.size() - shown) + " more suggestions_")
        );
}

// All of a telling's notes in one small block.
void add_notes(json::array& blocks, telling const& told)
{
    std::string text;
    for (auto const& note : told.notes)
    {
        auto const line = escape(note, span_bytes_max);
        if (text.size() + line.size() + 1 > section_text_max)
            break;
        text += (text.empty() ? "" : "\n") + line;
    }
    if (!text.empty())
        blocks.push_back(context(std::move(text)));
}

// "acme/api  #7 Add rate limits", each part a link; nothing where neither is known.
std::string context_markup(event const& happened)
{
    std::string text;
    if (happened.repository && !happened.repository->full_name.empty())
        text = linked(happened.repository->full_name, happened.repository->url.value_or(""));
    if (happened.pull_request)
    {
        auto const& about = *happened.pull_request;
        std::string const title = about.title ? " " + *about.title : std::string();
        text += (text.empty() ? "" : "  ") +
                linked("#" + std::to_string(about.id) + title, about.url.value_or(""));
    }
    return text;
}

}  // namespace

json::object render(event const& happened, std::string_view channel, std::vector<event> const& story)
{
    auto const told = tell_story(story, happened);
    json::array blocks;
    blocks.push_back(section(headline_markup(told)));
    if (told.quote)
        blocks.push_back(section(quote_markup(*told.quote)));
    add_notes(blocks, told);
    add_suggestions(blocks, told);
    if (std::string place = context_markup(happened); !place.empty())
        blocks.push_back(context(std::move(place)));
    return {
        {"channel", channel},
        {"text", escape(plain_text(told.headline), message_text_max)},
        {"blocks", std::move(blocks)},
        {"unfurl_links", false},
        {"unfurl_media", false},
    };
}

}  // namespace linkspan::slack
