#include "core/markup/attachments.hpp"

#include "core/base/utf8.hpp"
#include "core/markup/cmark.hpp"
#include "core/markup/suggestions.hpp"

namespace linkspan
{
namespace
{

constexpr std::string_view uploaded = "attachment:";

// The text below a picture or link: what people see instead of the target.
std::string label_of(cmark_node* node)
{
    std::string out;
    cmark::walk(
        node,
        [&out](cmark_node* below)
        {
            auto const type = cmark_node_get_type(below);
            if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
                if (char const* const literal = cmark_node_get_literal(below); literal != nullptr)
                    out += literal;
        }
    );
    return out;
}

}  // namespace

std::vector<linked_file> attachments_in(std::string_view markdown)
{
    std::vector<linked_file> out;
    auto const text = utf8_prefix(markdown, markdown_bytes_max);
    if (text.find("](") == text.npos && text.find("]:") == text.npos)
        return out;
    auto const root = cmark::parse(text);
    cmark::walk(
        root.get(),
        [&out](cmark_node* node)
        {
            auto const type = cmark_node_get_type(node);
            if ((type != CMARK_NODE_IMAGE && type != CMARK_NODE_LINK) || out.size() == attachments_max)
                return;
            char const* const target = cmark_node_get_url(node);
            std::string url = target == nullptr ? "" : target;
            if (url.empty() || (type == CMARK_NODE_LINK && !url.starts_with(uploaded)))
                return;
            out.push_back({label_of(node), std::move(url)});
        }
    );
    return out;
}

}  // namespace linkspan
