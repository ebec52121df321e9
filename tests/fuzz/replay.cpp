// Runs a fuzz target over the files of its corpus folder, where libFuzzer is not at hand.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace
{

std::vector<std::filesystem::path> files_of(char const* folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code failure;
    for (auto const& entry : std::filesystem::directory_iterator(folder, failure))
        if (entry.is_regular_file(failure))
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 2)
    {
        std::fputs("usage: NAME_fuzz CORPUS_FOLDER\n", stderr);
        return 2;
    }
    auto const files = files_of(arguments[1]);
    for (auto const& file : files)
    {
        std::ifstream in(file, std::ios::binary);
        std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        if (!in)
        {
            std::fprintf(stderr, "cannot read %s\n", file.c_str());
            return 1;
        }
        // A copy of exactly this size on the heap, so that a sanitizer sees one byte too far.
        std::vector<std::uint8_t> const bytes(text.begin(), text.end());
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu inputs\n", files.size());
    if (files.empty())
        std::fprintf(stderr, "no input in %s\n", arguments[1]);
    return files.empty() ? 1 : 0;
}
