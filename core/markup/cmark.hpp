#pragma once
#include <cmark-gfm.h>

#include <memory>
#include <string_view>

namespace linkspan::cmark
{

// Owners of what cmark-gfm allocates.

template <auto Free>
struct freer
{
    template <class T>
    void operator()(T* p) const
    {
        Free(p);
    }
};
using parser_ptr = std::unique_ptr<cmark_parser, freer<cmark_parser_free>>;
using node_ptr = std::unique_ptr<cmark_node, freer<cmark_node_free>>;
using iter_ptr = std::unique_ptr<cmark_iter, freer<cmark_iter_free>>;

// No extension is attached: what is looked for is plain CommonMark, and tables and autolinks are what takes
// long.
inline node_ptr parse(std::string_view markdown)
{
    parser_ptr const parser(cmark_parser_new(CMARK_OPT_VALIDATE_UTF8));
    cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
    return node_ptr(cmark_parser_finish(parser.get()));
}

// Calls visit(node) for each node as it is entered, in the order of the text.
template <class Visit>
void walk(cmark_node* root, Visit visit)
{
    iter_ptr const steps(cmark_iter_new(root));
    for (auto step = cmark_iter_next(steps.get()); step != CMARK_EVENT_DONE;
         step = cmark_iter_next(steps.get()))
        if (step == CMARK_EVENT_ENTER)
            visit(cmark_iter_get_node(steps.get()));
}

}  // namespace linkspan::cmark
