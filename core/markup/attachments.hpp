#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// A picture, or a link to an uploaded file.
struct linked_file
{
    std::string label;  // what people see in place of the target
    std::string target;

    bool operator==(linked_file const&) const = default;
};

// More of one comment than this is not listed.
inline constexpr std::size_t attachments_max = 50;

// The files that a text refers to, in order: its pictures, and links to what was uploaded with it (Data
// Center writes "attachment:..." as their target). What is behind markdown_bytes_max is not read.
std::vector<linked_file> attachments_in(std::string_view markdown);

}  // namespace linkspan
