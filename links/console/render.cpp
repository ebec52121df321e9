#include "links/console/render.hpp"

#include "core/base/time.hpp"
#include "core/conversation/story.hpp"
#include "links/console/terminal_text.hpp"

namespace linkspan::console
{
namespace
{

// Select Graphic Rendition codes, the eight colours that every terminal has.
constexpr std::string_view dim = "2";
constexpr std::string_view bold = "1";
constexpr std::string_view red = "31";
constexpr std::string_view green = "32";
constexpr std::string_view cyan = "36";

class page
{
public:
    explicit page(bool colour) : colour_(colour) {}

    page& put(std::string_view text, std::string_view style = {})
    {
        if (!colour_ || style.empty() || text.empty())
            text_ += text;
        else
            text_.append("\x1b[").append(style).append("m").append(text).append("\x1b[0m");
        return *this;
    }

    std::string take() { return std::move(text_); }

private:
    bool colour_;
    std::string text_;
};

std::string_view style_of(telling_span const& span, telling_mood mood)
{
    if (span.style == span_style::actor)
        return bold;
    if (span.style == span_style::code)
        return cyan;
    if (mood == telling_mood::good)
        return green;
    return mood == telling_mood::bad ? red : std::string_view();
}

void put_header(page& out, event const& happened, std::string_view indent)
{
    // "2026-11-20T09:30:00.123Z" without its T and its milliseconds.
    std::string const moment = to_rfc3339(happened.occurred_at);
    out.put(indent).put(moment.substr(0, 10) + " " + moment.substr(11, 8), dim);
    if (happened.repository && !happened.repository->full_name.empty())
        out.put("  ").put(terminal_text(happened.repository->full_name), cyan);
    if (happened.pull_request)
        out.put("  ").put("#" + std::to_string(happened.pull_request->id), bold);
    out.put("\n");
}

void put_lines(
    page& out, std::string_view text, std::size_t lines_max, std::string_view begin, std::string_view style
)
{
    std::size_t number = 0, left_out = 0;
    for (std::size_t at = 0; at <= text.size();)
    {
        auto const stop = std::min(text.find('\n', at), text.size());
        if (number++ < lines_max)
            out.put(std::string(begin) + std::string(text.substr(at, stop - at)), style).put("\n");
        else
            ++left_out;
        at = stop + 1;
    }
    if (left_out > 0)
        out.put(std::string(begin) + "... " + std::to_string(left_out) + " more lines", dim).put("\n");
}

void put_suggestion(
    page& out, telling const& told, telling_suggestion const& suggestion, std::string_view indent
)
{
    std::string const begin = std::string(indent) + "    ";
    std::string place = told.anchor ? terminal_text(*told.anchor) : std::string();
    if (!suggestion.lines.empty())
        place += (place.empty() ? "" : ", ") + ("replaces " + suggestion.lines);
    if (!place.empty())
        out.put(begin + "@@ " + place + " @@", cyan).put("\n");
    if (suggestion.text.empty())
        out.put(begin + "(delete these lines)", dim).put("\n");
    else
        put_lines(out, terminal_text(suggestion.text), suggestion_lines_max, begin + "+ ", green);
}

}  // namespace

std::string render(event const& happened, bool colour, std::vector<event> const& story)
{
    auto const told = tell_story(story, happened);
    std::string_view const indent = told.is_reply ? "    " : "";
    page out(colour);
    put_header(out, happened, indent);
    out.put(indent).put("  ");
    for (auto const& span : told.headline)
        out.put(terminal_text(span.text), style_of(span, told.mood));
    out.put("\n");
    if (told.quote)
    {
        std::string const text = terminal_text(told.quote->text) + (told.quote->shortened ? " ..." : "");
        put_lines(out, text, quoted_lines_max, std::string(indent) + "    | ", {});
    }
    for (auto const& note : told.notes)
        out.put(std::string(indent) + "    " + terminal_text(note), dim).put("\n");
    for (auto const& suggestion : told.suggestions)
        put_suggestion(out, told, suggestion, indent);
    out.put("\n");
    return out.take();
}

}  // namespace linkspan::console
