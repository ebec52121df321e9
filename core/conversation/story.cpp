#include "core/conversation/story.hpp"

#include "core/base/utf8.hpp"
#include "core/conversation/headline.hpp"

#include <string>
#include <utility>

namespace linkspan
{
namespace
{

constexpr std::string_view standing_word(pull_request_state state)
{
    switch (state)
    {
        case pull_request_state::open:
            return "open";
        case pull_request_state::merged:
            return "merged";
        case pull_request_state::declined:
            return "declined";
        case pull_request_state::superseded:
            return "superseded";
    }
    return "open";
}

struct story_line
{
    std::string text;
    std::size_t count = 1;  // of events that follow each other and are told alike
};

// The headline, and how what was written begins.
std::string text_of(event const& one)
{
    auto const told = tell(one);
    auto out = single_line(plain_text(told.headline), title_bytes_max);
    auto const words = told.quote ? single_line(told.quote->text, story_quote_bytes_max) : std::string();
    return words.empty() ? out : out + ": " + words;
}

std::vector<story_line> lines_of_story(std::vector<event> const& before, event const& last)
{
    std::vector<story_line> out;
    auto const add = [&out](event const& one)
    {
        auto text = text_of(one);
        if (!out.empty() && out.back().text == text)
            ++out.back().count;
        else
            out.push_back({std::move(text)});
    };
    for (auto const& one : before)
        add(one);
    add(last);
    return out;
}

void add_standing(headline& line, std::optional<pull_request> const& about)
{
    if (!about || !about->state)
        return;
    line.words(*about->state == pull_request_state::open ? ", still " : ", now ");
    line.words(standing_word(*about->state));
}

}  // namespace

telling tell_story(std::vector<event> const& before, event const& last)
{
    if (before.empty())
        return tell(last);
    telling out;
    headline line;
    auto const& about = last.pull_request;
    if (about)
        line.link("#" + std::to_string(about->id), about->url);
    else
        line.words("A pull request");
    line.words(": " + count_of(before.size() + 1, "change") + " while Linkspan did not hear of it");
    add_standing(line, about);
    out.headline = line.take();
    auto const lines = lines_of_story(before, last);
    auto const left_out = lines.size() - std::min(lines.size(), story_lines_max);
    for (std::size_t i = left_out; i < lines.size(); ++i)
    {
        auto text = lines[i].text;
        if (lines[i].count > 1)
            text += " (" + std::to_string(lines[i].count) + " times)";
        out.notes.push_back(std::move(text));
    }
    if (left_out > 0)
        out.notes.insert(out.notes.begin(), "before that " + count_of(left_out, "other change"));
    return out;
}

}  // namespace linkspan
