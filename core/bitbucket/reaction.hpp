#pragma once
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// One person's reaction to a comment: known by the emoticon's shortcut ("thumbsup") and the person's id.
struct reaction
{
    std::string emoticon;
    person who;

    bool operator==(reaction const&) const = default;
    bool is_same(reaction const& other) const { return emoticon == other.emoticon && who.id == other.who.id; }
};

using reaction_list = std::vector<reaction>;

// Of one comment; a longer list is not known.
inline constexpr std::size_t reactions_max = 100;

}  // namespace linkspan
