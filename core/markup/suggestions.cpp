#include "core/markup/suggestions.hpp"

#include "core/base/utf8.hpp"
#include "core/markup/cmark.hpp"

namespace linkspan
{
namespace
{

struct suggestion_block
{
    std::string text;
    int first_line;  // of the source, from 1
    int last_line;
};

bool is_suggestion(cmark_node* node)
{
    char const* const info = cmark_node_get_fence_info(node);
    if (info == nullptr)
        return false;
    std::string_view const word =
        std::string_view(info).substr(0, std::string_view(info).find_first_of(" \t"));
    return word == "suggestion";
}

std::vector<suggestion_block> find_blocks(std::string_view markdown)
{
    std::vector<suggestion_block> found;
    if (markdown.find("suggestion") == std::string_view::npos)
        return found;
    auto const root = cmark::parse(markdown);
    cmark::walk(
        root.get(),
        [&found](cmark_node* node)
        {
            if (cmark_node_get_type(node) != CMARK_NODE_CODE_BLOCK || !is_suggestion(node))
                return;
            char const* const literal = cmark_node_get_literal(node);
            std::string text = literal == nullptr ? "" : literal;
            if (text.ends_with('\n'))
                text.pop_back();
            found.push_back({std::move(text), cmark_node_get_start_line(node), cmark_node_get_end_line(node)}
            );
        }
    );
    return found;
}

// The next line with its end, taken from the front of `rest`: "\n", "\r\n" and "\r" end one, as in
// CommonMark.
std::string_view take_line(std::string_view& rest)
{
    auto const stop = rest.find_first_of("\r\n");
    std::size_t size = rest.size();
    if (stop != std::string_view::npos)
        size = stop + (rest.substr(stop).starts_with("\r\n") ? 2 : 1);
    auto const line = rest.substr(0, size);
    rest.remove_prefix(size);
    return line;
}

}  // namespace

std::vector<std::string> suggestions_in(std::string_view markdown)
{
    std::vector<std::string> texts;
    for (auto& block : find_blocks(utf8_prefix(markdown, markdown_bytes_max)))
        texts.push_back(std::move(block.text));
    return texts;
}

std::string without_suggestions(std::string_view markdown)
{
    auto const parsed = utf8_prefix(markdown, markdown_bytes_max);
    auto const blocks = find_blocks(parsed);
    std::string kept;
    auto next = blocks.begin();
    int number = 1;
    for (std::string_view rest = parsed; !rest.empty(); ++number)
    {
        auto const line = take_line(rest);
        while (next != blocks.end() && next->last_line < number)
            ++next;
        if (next == blocks.end() || number < next->first_line)
            kept += line;
    }
    return kept.append(markdown.substr(parsed.size()));
}

}  // namespace linkspan
