#include "core/bitbucket/comment_text.hpp"

#include "core/markup/attachments.hpp"
#include "core/markup/suggestions.hpp"

namespace linkspan
{

void read_comment_text(comment& said)
{
    if (!said.text)
        return;
    for (auto& text : suggestions_in(*said.text))
    {
        auto& next = said.suggestions.emplace_back(std::move(text));
        if (said.anchor)
        {
            next.from = said.anchor->from;
            next.to = said.anchor->to;
        }
    }
    for (auto& file : attachments_in(*said.text))
        said.attachments.push_back({std::move(file.label), std::move(file.target)});
}

}  // namespace linkspan
