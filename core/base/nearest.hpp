#pragma once
#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

namespace linkspan
{

// The fewest single-character edits (insert, remove, replace) between two words.
inline std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j)
        {
            auto const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

// The candidate nearest to a mistyped word; empty where none is near (more than half of it would change).
template <class Range>
std::string_view nearest(std::string_view word, Range const& candidates)
{
    std::string_view best;
    std::size_t best_distance = word.size() / 2 + 1;
    for (std::string_view const candidate : candidates)
        if (auto const distance = edit_distance(word, candidate); distance < best_distance)
        {
            best = candidate;
            best_distance = distance;
        }
    return best;
}

}  // namespace linkspan
