#include "cmd/linkspan/text_table.hpp"

#include "core/base/utf8.hpp"

#include <algorithm>
#include <ostream>

namespace linkspan
{
namespace
{

// More than Linkspan says in one cell; a stranger's text ends here.
constexpr std::size_t cell_bytes_max = 4'000;

constexpr std::size_t gap = 2;  // between two columns

// Columns that a text takes, near enough: characters, not bytes.
std::size_t width_of(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty())
    {
        text.remove_prefix(first_character(text).bytes);
        ++width;
    }
    return width;
}

constexpr std::string_view cut_mark = "...";  // as single_line() has it

// Of a wider text.
std::string cut(std::string_view text, std::size_t width)
{
    std::size_t bytes = 0;
    for (std::size_t kept = cut_mark.size(); kept < width; ++kept)
        bytes += first_character(text.substr(bytes)).bytes;
    return std::string(text.substr(0, bytes)).append(cut_mark);
}

void print_row(
    std::ostream& out, std::vector<std::string> const& cells, std::vector<std::size_t> const& widths
)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
    {
        line += cells[i];
        if (i + 1 < cells.size())
            line.append(widths[i] - width_of(cells[i]) + gap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

using table_rows = std::vector<std::vector<std::string>>;

// Cuts the last column to what the others leave; the rows that it cut.
std::vector<std::size_t> cut_last(
    table_rows& rows, std::vector<std::size_t> const& widths, std::size_t columns
)
{
    std::size_t before = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
        before += widths[i] + gap;
    auto const left = std::max(columns, before + text_end_min) - before;
    std::vector<std::size_t> was_cut;
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        auto& last = rows[i].back();
        if (width_of(last) <= left)
            continue;
        last = cut(last, left);
        was_cut.push_back(i);
    }
    return was_cut;
}

// Takes from the widest column, the last of several, until all fit.
void narrow(std::vector<std::size_t>& widths, std::size_t columns)
{
    std::size_t total = (widths.size() - 1) * gap;
    for (auto const width : widths)
        total += width;
    for (; total > columns; --total)
    {
        auto widest = widths.begin();
        for (auto one = widths.begin(); one != widths.end(); ++one)
            if (*one >= *widest)
                widest = one;
        if (*widest <= text_end_min)
            return;
        --*widest;
    }
}

// Lines of at most `width` characters, broken at blanks where there are some.
std::vector<std::string> wrapped(std::string_view text, std::size_t width)
{
    std::vector<std::string> out;
    while (width_of(text) > width)
    {
        std::size_t end = 0;
        for (std::size_t i = 0; i < width; ++i)
            end += first_character(text.substr(end)).bytes;
        auto const blank = text.rfind(' ', end);
        bool const has_blank = blank != text.npos && blank != 0;
        out.emplace_back(text.substr(0, has_blank ? blank : end));
        text.remove_prefix(has_blank ? blank + 1 : end);
    }
    out.emplace_back(text);
    return out;
}

void wrap(table_rows& rows, std::vector<std::size_t> const& widths)
{
    table_rows out;
    for (auto const& row : rows)
    {
        auto const first = out.size();
        for (std::size_t i = 0; i < row.size(); ++i)
        {
            auto const lines = wrapped(row[i], widths[i]);
            out.resize(std::max(out.size(), first + lines.size()), std::vector<std::string>(row.size()));
            for (std::size_t line = 0; line < lines.size(); ++line)
                out[first + line][i] = lines[line];
        }
    }
    rows = std::move(out);
}

}  // namespace

std::vector<std::size_t> print_table(terminal& on, text_table const& table)
{
    auto rows = table.rows;
    std::vector<std::size_t> widths;
    for (auto const& title : table.head)
        widths.push_back(title.size());
    for (auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
        {
            row[i] = safe_line(row[i], cell_bytes_max);
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    std::vector<std::size_t> was_cut;
    if (on.columns != 0 && table.wraps)
    {
        narrow(widths, on.columns);
        wrap(rows, widths);
    }
    else if (on.columns != 0)
        was_cut = cut_last(rows, widths, on.columns);
    if (on.out_colour)
        on.out << "\x1b[1m";
    print_row(on.out, table.head, widths);
    if (on.out_colour)
        on.out << "\x1b[0m";
    for (auto const& row : rows)
        print_row(on.out, row, widths);
    return was_cut;
}

std::string shown_time(time_point moment)
{
    auto out = to_rfc3339(moment).substr(0, 19);
    out[10] = ' ';
    return out + " UTC";
}

std::vector<std::string> short_times(std::vector<time_point> const& moments, time_point now)
{
    auto const this_year = to_rfc3339(now).substr(0, 5);
    std::vector<std::string> out;
    bool all_of_this_year = true;
    for (auto const moment : moments)
    {
        out.push_back(shown_time(moment).substr(0, 19));
        all_of_this_year = all_of_this_year && out.back().starts_with(this_year);
    }
    if (all_of_this_year)
        for (auto& text : out)
            text.erase(0, this_year.size());
    return out;
}

}  // namespace linkspan
